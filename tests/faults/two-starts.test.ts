/**
 * The story: two managers clicked on the same shopper in the same second, and the balancer sent each to another gateway.
 * Both were told that the seat was theirs.
 */
import { expect, onTestFinished, test } from 'vitest';
import { startGateways } from '../flows/gateways.ts';
import { startRedis } from '../redis-server.ts';
import { MINUTE } from '../system.ts';
import { seen } from './fault-table.ts';
import { told } from './onlookers.ts';

const ROUNDS = process.env['TORTURE'] === undefined ? 100 : 1000;

test(
  `${ROUNDS} times two managers start on one shopper at once on two gateways: one has the seat each time`,
  { timeout: ROUNDS * 2_000 },
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const all = await startGateways([redis.url, redis.url]);
    onTestFinished(() => all.close());
    const [one, two] = all.instances;
    if (one === undefined || two === undefined) throw new Error('too few instances');
    const people = [all.person('u-mia', one), all.person('u-mo', two)] as const;
    let wins = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // Each is sent first as often as the other.
      const inTurn = round % 2 === 0 ? people : people.toReversed();
      const answers = await Promise.all(
        inTurn.map((who) => told(who.send('POST', '/_act-as/sessions', { subject: 'u-sam' }))),
      );
      expect(answers.toSorted()).toEqual(['201', '409 `seat_taken`']);
      const winner = inTurn[answers.indexOf('201')];
      if (winner === people[0]) wins += 1;
      expect(await told(winner?.stop() ?? Promise.reject(new Error('nobody has the seat')))).toBe('200');
      // Nobody may start as often within a minute.
      await all.pass(MINUTE);
    }
    const events = (await all.events()).map(({ event, action }) => `${event} ${action}`);
    const pairs = Array.from({ length: ROUNDS }, () => ['start start_acting', 'stop stop_acting']).flat();
    expect(events).toEqual(pairs);
    expect(wins).toBeGreaterThan(0);
    expect(wins).toBeLessThan(ROUNDS);
    seen({
      part: 'Redis',
      fault: 'Two managers start on one shopper at once on two gateways, 100 times (torture: 1,000)',
      acting: 'starting 201 for one, 409 `seat_taken` for the other, each time',
      ordinary: 'not concerned',
      reviewing: 'not concerned',
      record: 'whole; one start and one stop a time, of whoever had the seat',
    });
  },
);
