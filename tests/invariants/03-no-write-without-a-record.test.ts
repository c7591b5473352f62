/**
 * The story: the order was placed, the machine lost power, and when the shopper asked who had placed it there was
 * nothing to show. An audited write is forwarded only after its intent is on disk; a crash at any instant leaves a row,
 * and one whose end nobody knows says exactly that (killed two hundred times in tests/faults/killed-gateway.test.ts).
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../audit-store/raw.ts';
import { startLenientSystem, type EventRow, type LenientSystem } from '../security/lenient-system.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let mia: Visitor;

beforeAll(async () => {
  lenient = await startLenientSystem();
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
});
afterAll(() => lenient.close());

const requestIds = (auditFile: string): readonly string[] =>
  query<{ id: string }>(
    auditFile,
    "SELECT body ->> '$.request_id' AS id FROM entries WHERE kind = 'intent'",
  ).map(({ id }) => id);

test('when the upstream sees an audited write its intent is already on disk', async () => {
  const { upstream, system } = lenient;
  const found: boolean[] = [];
  upstream.behave((asked) => {
    if (asked.target === '/api/orders') {
      found.push(requestIds(system.auditFile).includes(String(asked.headers['x-request-id'])));
    }
    return false;
  });
  await Promise.all(Array.from({ length: 5 }, () => mia.send('POST', '/api/orders', {})));
  upstream.behave(null);
  expect(found).toEqual([true, true, true, true, true]);
});

async function lastRow(): Promise<EventRow | undefined> {
  return (await lenient.events()).at(-1);
}

test('a write whose answer never came stands on the record as one whose outcome is unknown', async () => {
  const { upstream } = lenient;
  upstream.behave((asked, _response, incoming) => {
    if (asked.target !== '/api/orders') return false;
    incoming.socket.destroy();
    return true;
  });
  const response = await mia.send('POST', '/api/orders', {});
  upstream.behave(null);
  expect(response.status).toBe(502);
  expect(upstream.executed.filter(({ target }) => target === '/api/orders').length).toBe(6);
  expect(await lastRow()).toMatchObject({
    event: 'action',
    outcome: 'error',
    status_code: 502,
    details: { note: 'the outcome is unknown' },
  });
});

test('a browser that leaves half-way does not keep the outcome off the record', async () => {
  const { upstream } = lenient;
  const answer = Promise.withResolvers<() => void>();
  upstream.behave((asked, response) => {
    if (asked.target !== '/api/orders') return false;
    answer.resolve(() => {
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end('{"order":{"id":"o-17","total":100}}');
    });
    return true;
  });
  const leaving = new AbortController();
  const sent = fetch(`${lenient.system.url}/api/orders`, {
    method: 'POST',
    headers: { cookie: lenient.cookies(mia), 'content-type': 'application/json' },
    body: '{}',
    signal: leaving.signal,
  }).catch(() => null);
  const finish = await answer.promise;
  leaving.abort();
  await sent;
  const before = (await lenient.events()).length;
  finish();
  upstream.behave(null);
  await expect.poll(async () => (await lenient.events()).length).toBe(before + 1);
  expect(await lastRow()).toMatchObject({
    outcome: 'ok',
    status_code: 201,
    details: { order_id: 'o-17', total: 100 },
  });
});
