/**
 * The story: the order was placed, the machine lost power, and when the shopper asked who had placed it there was
 * nothing to show. An audited write is forwarded only after its intent is on disk; a crash at any instant leaves a row,
 * and one whose end nobody knows says exactly that.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { verifyRecord } from '../../audit-store/index.ts';
import { query } from '../audit-store/raw.ts';
import { startGatewayProcess, writeSetup } from '../security/gateway-process.ts';
import {
  eventsSeenBy,
  startLenientSystem,
  type EventRow,
  type LenientSystem,
} from '../security/lenient-system.ts';
import { startLenientUpstream } from '../security/lenient-upstream.ts';
import { visitor, type Visitor } from '../visitor.ts';

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

test(
  'a gateway killed at any instant has a row for every write that the upstream executed',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-killed-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const upstream = await startLenientUpstream();
    onTestFinished(() => upstream.close());
    const configFile = writeSetup(folder);
    const executed = new Set<string>();

    for (let round = 0; round < 4; round += 1) {
      const gateway = await startGatewayProcess(configFile, { UPSTREAM_URL: upstream.url });
      const miaNow = visitor(gateway.url);
      miaNow.cookies.set('market_session', 'u-mia');
      await miaNow.actAs('u-sam');
      const fatal = 1 + Math.floor(Math.random() * 30);
      let count = 0;
      upstream.behave((asked) => {
        if (asked.target !== '/api/orders') return false;
        executed.add(String(asked.headers['x-request-id']));
        count += 1;
        // Between intent and completion, for this one at least; the others are wherever they are.
        if (count === fatal) gateway.kill('SIGKILL');
        return false;
      });
      const client = async (): Promise<void> => {
        for (;;) {
          const response = await miaNow.send('POST', '/api/orders', {}).catch(() => null);
          if (response === null) return;
          await response.arrayBuffer().catch(() => undefined);
        }
      };
      await Promise.all([client(), client(), client(), client(), gateway.ended]);
    }
    upstream.behave(null);

    const last = await startGatewayProcess(configFile, { UPSTREAM_URL: upstream.url });
    const reviewer = visitor(last.url);
    reviewer.cookies.set('market_session', 'u-mia');
    const rows = await eventsSeenBy(reviewer);
    last.kill('SIGTERM');
    expect((await last.ended).code).toBe(0);

    const actions = rows.filter(({ event }) => event === 'action');
    const recorded = actions.map(({ request_id }) => request_id);
    expect(new Set(recorded).size, 'one row each').toBe(recorded.length);
    expect([...executed].filter((id) => !recorded.includes(id))).toEqual([]);
    // At least the fatal one of each round.
    const unknown = actions.filter(({ details }) => details['note'] === 'the outcome is unknown');
    expect(unknown.length).toBeGreaterThanOrEqual(4);
    expect(unknown.every(({ outcome }) => outcome === 'error')).toBe(true);
    const ends = rows.filter(({ event, action }) => event === 'expired' && action === 'gateway_restarted');
    expect(ends).toHaveLength(4);
    expect(await verifyRecord(join(folder, 'data/audit.db'))).toMatchObject({ ok: true });
  },
);
