/**
 * The story: an order came in with nobody's name on it, because it had been sent as a form and the note was written for
 * JSON; and a link to set a new password stood in the record, where every reviewer could follow it. What a rule obliges
 * us to do is done before anything is sent, or nothing is sent.
 */
import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import type { Visitor } from '../visitor.ts';
import { sendRaw } from './send-raw.ts';

const RULES = `rules:
  - id: form-order
    on: [POST /order]
    effect: audit
    amend: { form: { note: 'By {actor.name}, {actor.role}' }, header: { x-placed-by: '{actor.name} for {subject.name}' } }
    capture: { order_id: /id, big: /big }
  - { id: reset, on: [PUT /reset/:token], effect: audit, redact: [':token'] }
  - { id: no-invite, on: [DELETE /invites/:code], effect: block, redact: [':code'] }
  - { id: import, on: [POST /import], effect: audit, body: { type: object }, body_limit: 1KiB }
  - { id: pause-coupons, while: assisted, on: [POST /coupons], effect: pause, body: { type: object, required: [apply], properties: { apply: { type: string } } } }
`;

let lenient: LenientSystem;
let mia: Visitor;
let sam: Visitor;

beforeAll(async () => {
  lenient = await startLenientSystem({
    editPolicy: (yaml) => yaml.replace(/^tests:[^]*$/m, '').replace('rules:\n', RULES),
  });
  mia = lenient.person('u-mia');
  sam = lenient.person('u-sam');
  await mia.actAs('u-sam');
});
beforeEach(() => lenient.upstream.forget());
afterAll(() => lenient.close());

const form = 'application/x-www-form-urlencoded';
const lastEvent = async () => (await lenient.events()).at(-1);

test('a form and its headers are amended, whoever wrote the header before', async () => {
  const response = await fetch(`${lenient.system.url}/order`, {
    method: 'POST',
    headers: {
      cookie: lenient.cookies(mia),
      'content-type': form,
      'x-placed-by': 'the king',
      origin: lenient.system.url,
    },
    body: 'item=7&note=ring+twice',
  });
  expect(response.status).toBe(201);
  const [executed] = lenient.upstream.executed;
  expect(Object.fromEntries(new URLSearchParams(executed?.body))).toEqual({
    item: '7',
    note: 'By Mia Moreno, market manager\r\nring twice',
  });
  expect(executed?.rawHeaders.filter((one) => one.toLowerCase() === 'x-placed-by')).toHaveLength(1);
  expect(executed?.headers['x-placed-by']).toBe('Mia Moreno for Sam Whitaker');
});

test.each([
  ['application/json', '{"item":7}', 'body_not_form'],
  ['multipart/form-data; boundary=b', '--b--', 'body_not_form'],
  [form, 'note=a&note=b', 'body_duplicate_key'],
])('%s %s cannot be amended, so it is not sent', async (type, body, fault) => {
  const response = await sendRaw(lenient.system.url, mia, 'POST /order', { type, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'unsettled_request', fault });
  expect(lenient.upstream.executed).toEqual([]);
  expect(await lastEvent()).toMatchObject({ event: 'blocked', details: { why: fault } });
});

test('an answer is not held back for what is captured from it, and one too large is let alone', async () => {
  const held = new EventEmitter();
  const half = JSON.stringify({ id: '17', big: 'x'.repeat(300_000) });
  lenient.upstream.behave((request, response) => {
    if (request.target !== '/order') return false;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(half.slice(0, 1000));
    held.once('seen', () => response.end(half.slice(1000)));
    return true;
  });
  const response = await sendRaw(lenient.system.url, mia, 'POST /order', { type: form, body: 'item=7' });
  const reader = response.body?.getReader();
  const first: unknown = (await reader?.read())?.value;
  expect(first instanceof Uint8Array && Buffer.from(first).toString()).toBe(half.slice(0, 1000));
  // The rest follows only now that the first part has been seen at the other end.
  held.emit('seen');
  for (let more = await reader?.read(); more?.done === false; more = await reader?.read());
  await expect.poll(lastEvent).toMatchObject({
    event: 'action',
    action: 'form_order',
    outcome: 'ok',
    details: { captured: 'the answer was too large' },
  });
  lenient.upstream.behave(null);
});

test('what a rule keeps off the record is not in it, nor in the trace, nor in the log', async () => {
  expect((await mia.send('PUT', '/reset/s3cret-t0ken', {})).status).toBe(200);
  expect(lenient.upstream.executed.map(({ target }) => target)).toEqual(['/reset/s3cret-t0ken']);
  await expect
    .poll(lastEvent)
    .toMatchObject({ event: 'action', action: 'reset', path: '/reset/[redacted]', outcome: 'ok' });
  expect((await mia.send('DELETE', '/invites/s3cret-t0ken')).status).toBe(403);
  expect(await lastEvent()).toMatchObject({ event: 'blocked', path: '/invites/[redacted]' });
  expect(JSON.stringify(await lenient.events())).not.toContain('s3cret-t0ken');
  expect(lenient.system.log()).not.toContain('s3cret-t0ken');
});

test('a body that a rule looks into is read up to its limit, and goes up as it came', async () => {
  const body = ' {"a" : 1.50} ';
  const sent = await sendRaw(lenient.system.url, mia, 'POST /import', { type: 'application/json', body });
  expect(sent.status).toBe(201);
  expect(lenient.upstream.executed.map((one) => one.body)).toEqual([body]);
  const large = JSON.stringify({ a: 'x'.repeat(2000) });
  const refused = await sendRaw(lenient.system.url, mia, 'POST /import', {
    type: 'application/json',
    body: large,
  });
  expect([refused.status, lenient.upstream.executed.length]).toEqual([413, 1]);
});

test('the customer’s own request waits for what is in it, and goes on untouched for what is not', async () => {
  const coupons = (body: string) =>
    sendRaw(lenient.system.url, sam, 'POST /coupons', { type: 'application/json', body });
  expect((await coupons('{"apply":"TEN"}')).status).toBe(423);
  expect((await coupons('{"apply":"TEN","apply":1}')).status).toBe(423);
  expect((await coupons(`{"x":"${'y'.repeat(1_100_000)}"}`)).status).toBe(423);
  expect(lenient.upstream.executed).toEqual([]);
  expect((await coupons(' {"look":1}')).status).toBe(201);
  expect(lenient.upstream.executed.map((one) => one.body)).toEqual([' {"look":1}']);
});
