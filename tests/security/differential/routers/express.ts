/** Express, 4 and 5, with its usual body parsers, and a method override that looks wherever one of them may put it. */
import { Busboy } from '@fastify/busboy';
import express4 from 'express4';
import express5 from 'express5';
import type { NextFunction, Request, Response } from 'express5';
import { createServer, type IncomingMessage } from 'node:http';
import { ROUTES } from '../routes.ts';
import type { Ran, Router } from './router.ts';
import { wishedMethod } from './wished-method.ts';

const FRAMEWORKS = { express4, express5 } as const;

export type ExpressOptions = {
  readonly version: keyof typeof FRAMEWORKS;
  readonly name: string;
  /** Case and trailing slash matter. */
  readonly strict: boolean;
  /** What stands in front and rewrites the target before the router sees it. */
  readonly front?: (url: string) => string;
};

export function createExpress({ version, name, strict, front }: ExpressOptions, ran: Ran): Router {
  const framework = FRAMEWORKS[version];
  const app = framework();
  if (strict) app.enable('case sensitive routing').enable('strict routing');
  app.use((request, _response, next) => {
    if (front !== undefined) request.url = front(request.url);
    next();
  });
  app.use(framework.urlencoded({ extended: true, type: () => true, verify: keepText }));
  app.use(multipart);
  app.use((request, _response, next) => {
    if (request.method === 'POST' || strict) {
      const wished = wishedMethod(request) ?? wishedInBody(request.body) ?? wishedInBody(jsonOf(request));
      if (wished !== null) request.method = wished;
    }
    next();
  });
  for (const entry of ROUTES) {
    app.all(entry.path, (request, response, next) => {
      if (request.method !== entry.method && !(request.method === 'HEAD' && entry.method === 'GET'))
        return next();
      ran(entry);
      response.end('ran');
    });
  }
  app.use((_request: Request, response: Response) => void response.status(404).end());
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(400).end();
  });
  return { name, server: createServer(app), close: () => undefined };
}

const texts = new WeakMap<IncomingMessage, string>();

function keepText(request: IncomingMessage, _response: unknown, bytes: Buffer): void {
  texts.set(request, bytes.toString('utf8'));
}

function jsonOf(request: IncomingMessage): unknown {
  try {
    return JSON.parse((texts.get(request) ?? '').replace(/^\ufeff/, ''));
  } catch {
    return null;
  }
}

function wishedInBody(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  for (const [key, value] of Object.entries(body)) {
    if (key.trim().toLowerCase() === '_method')
      return String(Array.isArray(value) ? value.at(-1) : value)
        .trim()
        .toUpperCase();
  }
  return null;
}

/** Reads the text that the form parser kept, since a body can be read only once. */
function multipart(request: Request, _response: Response, next: NextFunction): void {
  const type = request.headers['content-type'] ?? '';
  const text = texts.get(request);
  if (!/^multipart\//i.test(type) || text === undefined) return next();
  try {
    const fields: Record<string, unknown> = {};
    const busboy = new Busboy({
      headers: { 'content-type': type.replace(/^multipart\/[a-z-]+/i, 'multipart/form-data') },
    });
    busboy.on('field', (name: string, value: unknown) => (fields[name] = value));
    busboy.on('file', (name: string, stream: NodeJS.ReadableStream) => {
      fields[name] = 'FILE';
      stream.resume();
    });
    busboy.on('error', () => next());
    busboy.on('finish', () => {
      request.body = fields;
      next();
    });
    busboy.end(text);
  } catch {
    next();
  }
}
