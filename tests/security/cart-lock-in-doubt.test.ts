/**
 * The story: Redis stumbled in the middle of giving a cart back. The representative was told that nothing had been changed;
 * the cart was open, two people wrote into it, and the record had no end for what had been announced. What was done
 * is answered and recorded as done, and of what nobody knows nobody says that it was not done.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AuditUnavailableError } from '../../audit-store/index.ts';
import { SessionsUnavailableError } from '../../gateway/sessions/index.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { startBreakable, type Breakable } from './breakable-sessions.ts';
import { eventsSeenBy } from './lenient-system.ts';
import { startLenientUpstream, type LenientUpstream } from './lenient-upstream.ts';

let upstream: LenientUpstream;
let system: Breakable;
let mia: Visitor;

beforeAll(async () => {
  upstream = await startLenientUpstream();
  system = await startBreakable(upstream.url, {
    policy: (yaml) => yaml.replace(/^tests:[^]*$/m, '').replace('  pause: at_start', '  pause: on_lock'),
  });
});
beforeEach(async () => {
  mia = person('u-mia');
  await mia.actAs('u-sam');
});
afterEach(async () => {
  system.break(null);
  system.breakRecord(null);
  await mia.stop();
});
afterAll(async () => {
  await system.close();
  await upstream.close();
});

function person(id: string): Visitor {
  const browser = visitor(system.gateway.url);
  browser.cookies.set('market_session', id);
  return browser;
}

const gone = (): Error => new SessionsUnavailableError('gone');
const lock = (): Promise<Response> => mia.send('POST', '/_act-as/lock', { locked: true });
const rows = () => eventsSeenBy(person('u-mia'));

test('a cart that was locked is answered and recorded as locked, also where the touch cannot be kept', async () => {
  system.break((method) => (method === 'commit' ? gone() : null));
  expect((await lock()).status).toBe(200);
  expect((await person('u-sam').send('POST', '/api/orders', {})).status).toBe(423);
  expect((await rows()).at(-1)).toMatchObject({ action: 'lock_cart', outcome: 'ok', status_code: 200 });
});

test('of a change that nobody answered for, nobody says that it was not done', async () => {
  for (const error of [gone(), new TypeError('secret cause')]) {
    system.break((method) => (method === 'change' ? error : null));
    const answer = await lock();
    expect(answer.status).toBe(error instanceof TypeError ? 500 : 503);
    const said = await answer.text();
    expect(said).not.toContain('nothing was changed');
    expect(said).not.toContain('secret cause');
  }
  const unknown = { action: 'lock_cart', outcome: 'error', details: { note: 'the outcome is unknown' } };
  expect((await rows()).slice(-2)).toMatchObject([unknown, unknown]);
});

test('nothing is locked without a record, and what was locked is answered so where only its end is refused', async () => {
  const full = new AuditUnavailableError('full');
  system.breakRecord(() => full);
  expect((await lock()).status).toBe(503);
  expect((await person('u-sam').send('POST', '/api/orders', {})).status).toBe(201);
  system.breakRecord((method) => (method === 'append' ? full : null));
  expect((await lock()).status).toBe(200);
  expect((await person('u-sam').send('POST', '/api/orders', {})).status).toBe(423);
});

test('a write that was decided on while the cart was locked is not sent once it was given back', async () => {
  expect((await lock()).status).toBe(200);
  upstream.forget();
  const decided = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let commits = 0;
  system.break((method) => {
    if (method !== 'commit') return null;
    commits += 1;
    if (commits > 1) return null;
    decided.resolve();
    return goOn.promise;
  });
  const write = mia.send('POST', '/api/orders', {});
  await decided.promise;
  expect((await mia.send('POST', '/_act-as/lock', { locked: false })).status).toBe(200);
  expect((await person('u-sam').send('POST', '/api/orders', {})).status).toBe(201);
  goOn.resolve();
  const refused = await write;
  expect([refused.status, await refused.json()]).toMatchObject([423, { code: 'not_locked' }]);
  expect(upstream.executed.map(({ line }) => line)).toEqual(['POST /api/orders']);
  expect((await rows()).at(-1)).toMatchObject({ action: 'place_order', outcome: 'error', status_code: 423 });
});
