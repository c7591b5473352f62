/**
 * The story: one of two machines had its clock an hour wrong. By the one clock the session was over, by the other it had
 * an hour left; Redis has a third. Whichever of them says that it is over is believed, and it ends once.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { startRedis } from '../redis-server.ts';
import { MINUTE } from '../system.ts';
import { seen } from './fault-table.ts';
import { told } from './onlookers.ts';
import { startRedisSystem, type RedisSystem } from './redis-system.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

const HOUR = 60 * MINUTE;

/** @param wrong milliseconds by which the clock of everybody's instance is wrong; the other one's is right */
async function start(wrong: () => number, idle: string): Promise<RedisSystem> {
  const redis = await startRedis();
  onTestFinished(() => redis.close());
  return startRedisSystem([redis.url, redis.url], {
    wrongBy: [wrong, () => 0],
    editPolicy: (yaml) => yaml.replace('idle_timeout: 30m', `idle_timeout: ${idle}`),
  });
}

test('an hour fast, and right again', async () => {
  let wrong = 0;
  const { all, one, people, ...system } = await start(() => wrong, '30m');
  const [, two] = all.instances;
  if (two === undefined) throw new Error('there is no other instance');
  await people.seat();
  wrong = HOUR;
  await system.says('clock_skew');
  const acting = await people.acting();
  const elsewhere = await told(all.sentTo(people.mia, two).get('/api/cart'));
  expect(elsewhere).toBe('200');
  const [ordinary, reviewing] = [await people.ordinary(), await people.reviewing()];
  wrong = 0;
  await system.ready();
  expect(await told(all.sentTo(people.mia, one).get('/api/cart'))).toBe('200');
  await people.mia.stop();
  people.mia.cookies.delete('act_as');
  await people.seat();
  expect(await told(people.mia.send('POST', '/api/orders', {}))).toBe('201');
  await people.mia.stop();
  expect(await system.lives()).toEqual(['Mia: start stop_acting', 'Mia: start stop_acting']);
  seen({
    part: 'Redis',
    fault: 'The clock of one gateway is an hour ahead of Redis’s',
    acting: `${acting}; at another gateway reads ${elsewhere}`,
    ordinary,
    reviewing,
    record: 'whole; once the clock is right, the session goes on, and ends once',
  });
});

test('an hour slow: Redis’s time ends the session', async () => {
  let wrong = 0;
  const { all, one, people, ...system } = await start(() => wrong, '3s');
  await people.seat();
  wrong = -HOUR;
  await system.says('clock_skew');
  await expect.poll(() => system.lives(), { timeout: 20_000 }).toEqual(['Mia: start idle_timeout']);
  const acting = await people.acting();
  const [ordinary, reviewing] = [await people.ordinary(), await people.reviewing()];
  expect(await system.lives()).toEqual(['Mia: start idle_timeout']);
  expect(await told(all.sentTo(people.mia, one).get('/api/cart'))).toBe('401 `session_ended`');
  seen({
    part: 'Redis',
    fault: 'The clock of one gateway is an hour behind Redis’s',
    acting: `after the idle timeout by Redis’s time ${acting}`,
    ordinary,
    reviewing,
    record: 'whole; the session ended once, `idle_timeout`',
  });
});
