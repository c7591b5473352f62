/**
 * The story: the machine's clock was an hour wrong, and then it was not. Sessions that were to end after half an hour
 * lived for ninety minutes in one product; in another everybody was thrown out twice. Set forward, sessions end early;
 * set back, they end when as long has passed; and the record keeps the order in which things happened.
 */
import { expect, test, vi } from 'vitest';
import { verifyRecord } from '../../audit-store/index.ts';
import { steadyClock } from '../../gateway/steady-clock.ts';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { visitor } from '../visitor.ts';
import { seen } from './fault-table.ts';
import { startFaultyGateway } from './faulty-gateway.ts';
import { onlookers, told } from './onlookers.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.parse('2026-04-14T16:00:00Z');

test('jumping an hour forward, and an hour back', async () => {
  let wall = NOON;
  let passed = 0;
  const pass = (ms: number): void => {
    wall += ms;
    passed += ms;
  };
  const system = await startFaultyGateway({ now: () => wall, monotonic: () => passed });
  const people = onlookers(system.gateway, 5000);
  const read = (): Promise<string> => told(people.mia.get('/api/cart'));

  await people.seat();
  wall += HOUR;
  const forward = await read();
  expect(forward).toBe('401 `session_ended`');
  // And back: what has ended stays ended.
  wall -= HOUR;
  expect(await read()).toBe('401 `session_ended`');
  expect(await told(people.mia.stop())).toMatch(/^(?:200|401|409)/);

  people.mia.cookies.delete('act_as');
  await people.seat();
  wall -= HOUR;
  pass(29 * MINUTE);
  expect(await read()).toBe('200');
  pass(29 * MINUTE);
  expect(await read()).toBe('200');
  pass(31 * MINUTE);
  await system.gateway.sweep();
  const back = await read();
  expect(back).toBe('401 `session_ended`');
  expect(system.log()).toContain('the clock was set back');
  const ordinary = await people.ordinary();

  const root = visitor(system.gateway.url);
  root.cookies.set('market_session', 'u-root');
  const rows = await eventsSeenBy(root);
  expect(rows.map(({ event, action }) => `${event} ${action}`)).toEqual([
    'start start_acting',
    'expired idle_timeout',
    'start start_acting',
    'expired idle_timeout',
  ]);
  expect(await verifyRecord(system.auditFile)).toMatchObject({ ok: true });
  seen({
    part: 'The gateway',
    fault: 'Its clock jumps an hour forward, and an hour back',
    acting: `forward: ${forward}; back: the session ends when its time has passed, ${back}`,
    ordinary,
    reviewing: 'log 200; the log says that the clock was set back',
    record: 'whole, in the order in which things happened; each session ends once',
  });
});

test('a steady clock follows the wall forward, is never behind, and tells of each setback once', () => {
  let wall = NOON;
  let monotonic = 0;
  const setbacks: number[] = [];
  const clock = steadyClock(
    { now: () => wall },
    () => monotonic,
    (ms) => setbacks.push(ms),
  );
  expect(clock.now()).toBe(NOON);
  wall += HOUR;
  expect(clock.now()).toBe(NOON + HOUR);
  wall -= 2 * HOUR;
  monotonic += MINUTE;
  expect([clock.now(), clock.now()]).toEqual([NOON + MINUTE, NOON + MINUTE]);
  expect(setbacks).toEqual([HOUR + MINUTE]);
  wall = NOON + MINUTE;
  expect(clock.now()).toBe(NOON + MINUTE);
  wall -= HOUR;
  clock.now();
  expect(setbacks).toEqual([HOUR + MINUTE, HOUR]);
});
