/**
 * The story: a colleague had taken a customer's seat and gone to lunch; the customer was on the telephone, and nobody
 * could help for half an hour. With permission the seat is taken over, and the record says who did it to whom.
 */
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let mo: Visitor;
let mia: Visitor;

beforeEach(async () => {
  lenient = await startLenientSystem();
  mo = lenient.person('u-mo');
  mia = lenient.person('u-mia');
  await mo.actAs('u-sam');
});
afterEach(() => lenient.close());

const start = (who: Visitor, subject: string, takeover: boolean): Promise<Response> =>
  who.send('POST', '/_act-as/sessions', { subject, takeover });

test('who may take over is told so, has the seat at once, and its former holder is out', async () => {
  const taken = await start(mia, 'u-sam', false);
  expect(taken.status).toBe(409);
  expect(await taken.json()).toMatchObject({ code: 'seat_taken', fault: 'subject', may_take_over: true });
  expect((await start(mia, 'u-sam', true)).status).toBe(201);
  expect((await mo.send('POST', '/api/orders', {})).status).toBe(401);
  expect((await mia.send('POST', '/api/orders', {})).status).toBe(201);
  expect(lenient.upstream.executed).toHaveLength(1);
});

test('the page of its former holder learns it at its next question', async () => {
  await start(mia, 'u-sam', true);
  expect(await (await mo.get('/_act-as/status')).json()).toMatchObject({ acting: null });
});

test('the record has the stop under its holder’s name, by whom it was, and then the start', async () => {
  await start(mia, 'u-sam', true);
  expect((await lenient.events()).slice(1)).toMatchObject([
    {
      event: 'stop',
      action: 'taken_over',
      manager_name: 'Mo Second',
      details: { by_id: 'u-mia' },
    },
    { event: 'start', manager_name: 'Mia Moreno' },
  ]);
});

test('who may not is told who has the seat, and nothing changes', async () => {
  const strict = await startLenientSystem({ editPolicy: (yaml) => yaml.replace(', take_over: true', '') });
  onTestFinished(() => strict.close());
  const holder = strict.person('u-mia');
  await holder.actAs('u-sam');
  const refused = await start(strict.person('u-mo'), 'u-sam', true);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    code: 'seat_taken',
    fault: 'subject',
    may_take_over: false,
  });
  expect((await holder.send('POST', '/api/orders', {})).status).toBe(201);
});

test('it ends the session she had for someone else together with her colleague’s, or neither', async () => {
  await mia.actAs('u-sue');
  const elsewhere = lenient.person('u-mia');
  expect((await start(elsewhere, 'u-sam', false)).status).toBe(409);
  expect((await mia.send('POST', '/api/orders', {})).status).toBe(201);
  expect((await start(elsewhere, 'u-sam', true)).status).toBe(201);
  const ends = (await lenient.events()).filter(({ event }) => event === 'stop');
  expect(ends.map(({ action, customer_name: name }) => `${action} ${name.split(' ')[0]}`)).toEqual([
    'stop_acting Sue',
    'taken_over Sam',
  ]);
});
