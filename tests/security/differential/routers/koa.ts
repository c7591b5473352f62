/** Koa with its router: in any letter case as it comes, or strict. */
import KoaRouter from '@koa/router';
import Koa from 'koa';
import { createServer } from 'node:http';
import { ROUTES } from '../routes.ts';
import type { Ran, Router } from './router.ts';
import { wishedMethod } from './wished-method.ts';

export function createKoa(strict: boolean, ran: Ran): Router {
  const app = new Koa();
  const router = new KoaRouter({ sensitive: strict, strict });
  for (const entry of ROUTES) {
    router.register(entry.path, [entry.method], (context) => {
      ran(entry);
      context.body = 'ran';
    });
  }
  app.silent = true;
  app.use(async (context, next) => {
    const wished = context.method === 'POST' ? wishedMethod(context.req) : null;
    if (wished !== null) context.method = wished;
    await next();
  });
  app.use(router.routes());
  const handle = app.callback();
  return {
    name: strict ? 'koa, strict' : 'koa',
    server: createServer((request, response) => void handle(request, response)),
    close: () => undefined,
  };
}
