/** The style sheet, the script and the mark: read once, addressed by their content, so that they may be kept for ever. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { AUDIT_PATH } from './address.ts';

const TYPES = {
  'admin.css': 'text/css; charset=utf-8',
  'newer.js': 'text/javascript; charset=utf-8',
  'understudy.svg': 'image/svg+xml',
} as const;
const NAMES = ['admin.css', 'newer.js', 'understudy.svg'] as const;
type AssetName = (typeof NAMES)[number];
type Asset = { readonly content: Buffer; readonly version: string; readonly type: string };

const read = new Map<AssetName, Asset>();

function asset(name: AssetName): Asset {
  const known = read.get(name);
  if (known) return known;
  const content = readFileSync(new URL(name, import.meta.url));
  const version = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const made = { content, version, type: TYPES[name] };
  read.set(name, made);
  return made;
}

export function assetAddress(name: AssetName): string {
  return `${AUDIT_PATH}/assets/${name}?v=${asset(name).version}`;
}

/** Nothing in them is secret: pages for people who are not signed in use them too. */
export function serveAssets(app: FastifyInstance): void {
  for (const name of NAMES) {
    app.get<{ Querystring: { v?: unknown } }>(`${AUDIT_PATH}/assets/${name}`, (request, reply) => {
      const { content, type, version } = asset(name);
      const forEver = request.query.v === version;
      return reply
        .type(type)
        .header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache')
        .header('x-content-type-options', 'nosniff')
        .send(content);
    });
  }
}
