/** Sends a body byte for byte as a visitor's page would send it: what a polite client would never write. */
import type { Visitor } from '../visitor.ts';
import { cookiesOf } from '../security/lenient-system.ts';

export type RawBody = { readonly type?: string; readonly body?: string | Uint8Array<ArrayBuffer> | FormData };

export function sendRaw(
  url: string,
  who: Visitor,
  line: string,
  { type, body }: RawBody = {},
): Promise<Response> {
  const [method = '', path = ''] = line.split(' ');
  return fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      cookie: cookiesOf(who),
      accept: 'application/json',
      origin: url,
      'sec-fetch-site': 'same-origin',
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
  });
}
