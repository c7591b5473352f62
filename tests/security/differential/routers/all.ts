/** Every router that the gateway is tested against, and two stacks whose front rewrites paths before a router sees them. */
import { posix } from 'node:path';
import { createExpress } from './express.ts';
import { createFastify } from './fastify.ts';
import { createGraphqlHttp, createLaxGraphql } from './graphql.ts';
import { createHapi } from './hapi.ts';
import { createHono } from './hono.ts';
import { createKoa } from './koa.ts';
import type { Ran, Router } from './router.ts';

/** @param ran hears which handler ran in which router */
export async function createRouters(
  ran: (router: string, entry: Parameters<Ran>[0]) => void,
): Promise<readonly Router[]> {
  const as =
    (name: string): Ran =>
    (entry) =>
      ran(name, entry);
  const express = (
    name: string,
    version: 'express4' | 'express5',
    strict: boolean,
    front?: (url: string) => string,
  ) => createExpress({ name, version, strict, ...(front === undefined ? {} : { front }) }, as(name));
  return [
    express('express4', 'express4', false),
    express('express4, strict', 'express4', true),
    express('express5', 'express5', false),
    await createFastify(false, as('fastify')),
    await createFastify(true, as('fastify, lax')),
    createKoa(false, as('koa')),
    createKoa(true, as('koa, strict')),
    createHono(false, as('hono')),
    createHono(true, as('hono, lax')),
    await createHapi(false, as('hapi')),
    await createHapi(true, as('hapi, lax')),
    createGraphqlHttp(as('graphql-http')),
    createLaxGraphql(as('graphql, lax')),
    express('behind a servlet container', 'express4', false, asServlets),
    express('behind a file-minded server', 'express4', false, asFiles),
  ];
}

/** Parameters cut off, decoded once, dots resolved, slashes merged: what servlet containers route by. */
function asServlets(url: string): string {
  const [path, query] = split(url);
  return encoded(posix.normalize(decoded(path.replaceAll(/;[^/]*/g, '')).replaceAll(/\/{2,}/g, '/'))) + query;
}

/** Decoded until nothing changes, backslashes turned, blanks and dots trimmed, folded: what file systems look up. */
function asFiles(url: string): string {
  const [path, query] = split(url);
  let text = path;
  for (let round = 0; round < 3; round += 1) text = decoded(text);
  const folded = text
    .replaceAll('\\', '/')
    .normalize('NFKC')
    .replace(/\0[^]*$/, '');
  const trimmed = posix.normalize(folded).replaceAll(/[. ]+(?=\/|$)/g, '');
  return encoded(trimmed === '' ? '/' : trimmed) + query;
}

function split(url: string): readonly [string, string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}

function encoded(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
}
