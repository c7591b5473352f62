/**
 * The story: the manager had gone home; a page's EventSource came back every few seconds, and a prefetch now and then,
 * and the 30 idle minutes never began (design 7: what the browser marks as background does not touch; E-10).
 */
import { expect, test } from 'vitest';
import { MINUTE } from '../system.ts';
import { startLenientSystem } from './lenient-system.ts';

for (const [what, headers] of [
  ['an event stream', { accept: 'text/event-stream', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ['a prefetch', { 'sec-purpose': 'prefetch', purpose: 'prefetch' }],
] as const) {
  test(`${what} does not touch the session`, async () => {
    const lenient = await startLenientSystem();
    try {
      const mia = lenient.person('u-mia');
      await mia.actAs('u-sam');
      await lenient.system.pass(20 * MINUTE);
      await mia.get('/events', headers);
      await lenient.system.pass(20 * MINUTE);
      expect(await (await mia.get('/_act-as/status')).json()).toMatchObject({ acting: null });
    } finally {
      await lenient.close();
    }
  });
}
