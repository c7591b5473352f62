/** The method a request asks to be read as, by headers and query, as the usual middleware of each framework finds it. */
import type { IncomingMessage } from 'node:http';

const HEADERS = ['x-http-method-override', 'x-http-method', 'x-method-override'];

/** Null where it asks for none. */
export function wishedMethod({ url = '', headers }: IncomingMessage): string | null {
  for (const name of HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') return value.split(',', 1)[0]?.trim().toUpperCase() ?? null;
  }
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1).replaceAll(';', '&'));
  for (const [name, value] of query) {
    if (/^[\s.]*_?method(?:\[.*)?$/i.test(name) && /_|\./.test(name)) return value.trim().toUpperCase();
  }
  return null;
}
