/** Sends a form as a page of the site does that needs no script. */
import type { Visitor } from '../visitor.ts';

export async function submitForm(
  url: string,
  who: Visitor,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const cookie = [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie,
      accept: 'text/html',
      origin: url,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });
  for (const line of response.headers.getSetCookie()) {
    const [pair = ''] = line.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    if (/max-age=0/i.test(line)) who.cookies.delete(name);
    else who.cookies.set(name, pair.slice(pair.indexOf('=') + 1));
  }
  return response;
}
