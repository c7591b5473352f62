/** The story: the record keeps no query values, but for a target that was refused it kept a password and a token. */
import { expect, test } from 'vitest';
import { startLenientSystem } from './lenient-system.ts';
import { message, rawExchange } from './raw-exchange.ts';

test('a refused target leaves neither userinfo nor an encoded query in the record', async () => {
  const lenient = await startLenientSystem();
  try {
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    const { host } = new URL(lenient.system.url);
    for (const target of [
      'http://mia:PASSWORD@market.example/',
      '/api/me%3Ftoken=TOKEN1',
      '/api/me;token=TOKEN2',
      '/api/me%23token=TOKEN3',
    ])
      await rawExchange(
        lenient.system.url,
        message([`GET ${target} HTTP/1.1`, `Host: ${host}`, `Cookie: ${lenient.cookies(mia)}`]),
      );
    const record = JSON.stringify(await lenient.events());
    for (const secret of ['PASSWORD', 'TOKEN1', 'TOKEN2', 'TOKEN3']) expect(record).not.toContain(secret);
  } finally {
    await lenient.close();
  }
});
