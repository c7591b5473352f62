/** The keys that every question to the market app has in gateway.yaml. */
import { z } from 'zod';
import { durationSchema } from '../../policy/index.ts';

const cookieName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a cookie name');
const headerName = z.string().regex(/^[a-z0-9-]+$/, 'a header name in lower case');
const headerValue = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'a header value in plain ASCII');

/** Those are ours to write, for each client anew. */
const notFixed = new Set([
  'cookie',
  'authorization',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
]);

export const cookieChoiceSchema = z.union([z.array(cookieName).min(1), z.literal('all')]);

/** An absolute path on the upstream in printable ASCII, with or without a query. */
export const upstreamPath = z
  .string()
  .max(1024)
  .regex(/^\/(?!\/)[\x21-\x7e]*$/, 'a path on the upstream, such as /api/me')
  .refine((path) => !path.includes('#'), 'a path without a # part');

export const fixedHeadersSchema = z
  .record(
    headerName.refine((name) => !notFixed.has(name), 'this header is written by the gateway'),
    headerValue,
  )
  .default({});

export const questionTimeout = durationSchema.prefault('3s').pipe(z.number().min(50).max(30_000));
