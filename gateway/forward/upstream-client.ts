/** The one connection pool to the market app; its certificate is always verified. */
import { readFileSync } from 'node:fs';
import { Agent, type Dispatcher } from 'undici';
import type { Config } from '../config/index.ts';

/** @throws if `ca_file` cannot be read. */
export function createUpstreamClient(upstream: Config['upstream']): Dispatcher {
  return new Agent({
    connections: upstream.connections,
    pipelining: 1,
    headersTimeout: upstream.headers_timeout,
    bodyTimeout: upstream.body_timeout,
    maxHeaderSize: 64 * 1024,
    connect: {
      timeout: upstream.connect_timeout,
      rejectUnauthorized: true,
      ...(upstream.ca_file === undefined ? {} : { ca: readFileSync(upstream.ca_file) }),
    },
  });
}
