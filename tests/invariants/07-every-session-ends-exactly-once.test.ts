/**
 * The story: a session was stopped in one tab, ran out in another, and was swept by a timer, all in the same second. The
 * record showed three ends for it; of another, whose gateway was restarted at the wrong moment, it showed none. Who
 * reads the log must find one end for each beginning: `stop` where a person ended it, `expired` where nobody did.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startGatewayProcess, writeSetup } from '../security/gateway-process.ts';
import {
  eventsSeenBy,
  startLenientSystem,
  type EventRow,
  type LenientSystem,
} from '../security/lenient-system.ts';
import { MINUTE } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { jsonOf, sessionsShape } from '../security/json-of.ts';

let lenient: LenientSystem;

beforeAll(async () => {
  lenient = await startLenientSystem();
});
afterAll(() => lenient.close());

const isEnd = ({ event }: EventRow): boolean => event === 'stop' || event === 'expired';

/** The ends of the session that began last. */
async function lastEnds(): Promise<readonly string[]> {
  const rows = await lenient.events();
  const session = rows.findLast(({ event }) => event === 'start')?.session_id;
  return rows
    .filter((row) => row.session_id === session && isEnd(row))
    .map(({ event, action }) => `${event} ${action}`);
}

async function seated(): Promise<Visitor> {
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  return mia;
}

function twin(who: Visitor): Visitor {
  const other = lenient.person('u-mia');
  for (const [name, value] of who.cookies) other.cookies.set(name, value);
  return other;
}

test('stopped in ten tabs at once', async () => {
  const mia = await seated();
  const answers = await Promise.all(Array.from({ length: 10 }, () => twin(mia).stop()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await lastEnds()).toEqual(['stop stop_acting']);
});

test('stopped, signed out and killed by a reviewer at once', async () => {
  const mia = await seated();
  const { sessions } = await jsonOf(await lenient.person('u-mo').get('/_act-as/sessions'), sessionsShape);
  const id = sessions[0]?.id ?? '';
  await Promise.all([
    twin(mia).stop(),
    twin(mia).send('POST', '/_act-as/stop', { sign_out: true }),
    lenient.person('u-mo').send('POST', `/_act-as/sessions/${id}/stop`),
    twin(mia).stop(),
  ]);
  const ends = await lastEnds();
  expect(ends).toHaveLength(1);
  expect(ends[0]).toMatch(/^stop /);
});

test('run out while ten requests and the sweeper notice it at once', async () => {
  const mia = await seated();
  const sweep = lenient.system.pass(31 * MINUTE);
  await Promise.all([
    sweep,
    ...Array.from({ length: 10 }, () => twin(mia).get('/market')),
    twin(mia).stop(),
    lenient.system.gateway.sweep(),
  ]);
  expect(await lastEnds()).toEqual(['expired idle_timeout']);
});

test('run out, and its seat taken by the next manager before anybody swept', async () => {
  const mia = await seated();
  const { session_id: first } = (await lenient.events()).at(-1) ?? { session_id: '' };
  const started = lenient.system.pass(31 * MINUTE);
  const mo = lenient.person('u-mo');
  await Promise.all([started, mo.actAs('u-sam')]);
  const rows = await lenient.events();
  expect(rows.filter((row) => row.session_id === first && isEnd(row)).map(({ action }) => action)).toEqual([
    'idle_timeout',
  ]);
  expect((await twin(mia).get('/market')).status).toBe(401);
  await mo.stop();
});

test('the two-hour cap, the lost sign-in and the lost role each end it once, and say which it was', async () => {
  let mia = await seated();
  for (let step = 0; step < 6; step += 1) {
    expect((await mia.get('/market')).status, `after ${step * 20} minutes`).toBe(200);
    await lenient.system.pass(20 * MINUTE);
  }
  await twin(mia).get('/market');
  expect(await lastEnds()).toEqual(['expired absolute_timeout']);

  mia = await seated();
  mia.cookies.set('market_session', 'gone');
  await Promise.all(Array.from({ length: 5 }, () => mia.send('POST', '/api/orders', {})));
  expect(await lastEnds()).toEqual(['expired actor_signed_out']);

  mia = await seated();
  const person = lenient.upstream.people.get('u-mia');
  if (person === undefined) throw new Error('Mia is missing');
  person.roles = ['shopper'];
  await Promise.all(Array.from({ length: 5 }, () => mia.send('POST', '/api/orders', {})));
  person.roles = ['market_manager'];
  expect(await lastEnds()).toEqual(['expired actor_not_permitted']);
});

test('every session of this file has one start and one end on the record', async () => {
  const rows = await lenient.events();
  const sessions = new Map<string, string[]>();
  for (const { session_id, event } of rows)
    sessions.set(session_id, [...(sessions.get(session_id) ?? []), event]);
  expect(sessions.size).toBeGreaterThan(6);
  for (const events of sessions.values()) {
    expect(events.filter((event) => event === 'start')).toHaveLength(1);
    expect(events.filter((event) => event === 'stop' || event === 'expired')).toHaveLength(1);
    expect(events[0]).toBe('start');
  }
});

test(
  'a gateway that is told to stop, or killed, leaves no session without an end',
  { timeout: 30_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-ends-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const configFile = writeSetup(folder);
    const environment = { UPSTREAM_URL: lenient.upstream.url };
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const gateway = await startGatewayProcess(configFile, environment);
      const mia = visitor(gateway.url);
      mia.cookies.set('market_session', 'u-mia');
      await mia.actAs('u-sam');
      gateway.kill(signal);
      await gateway.ended;
    }
    const last = await startGatewayProcess(configFile, environment);
    const mia = visitor(last.url);
    mia.cookies.set('market_session', 'u-mia');
    const rows = await eventsSeenBy(mia);
    last.kill('SIGTERM');
    await last.ended;
    expect(rows.map(({ event, action }) => `${event} ${action}`)).toEqual([
      'start start_acting',
      'expired gateway_restarted',
      'start start_acting',
      'expired gateway_restarted',
    ]);
  },
);
