/**
 * The story: the gateway was killed between telling the market app to place the order and hearing that it was placed; the
 * shopper has an order, and the record has nothing. Here it is killed at random instants of acting writes, hundreds of
 * times on one record, before a market app that survives it and counts what it executed.
 */
import { expect, test } from 'vitest';
import { seen } from './fault-table.ts';
import { killGateways } from './kill-gateways.ts';

const KILLS = process.env['TORTURE'] === undefined ? 200 : 1000;

test(
  `killed ${KILLS} times: a row for every executed write, an executed write for every ok`,
  { timeout: KILLS * 5000 },
  async () => {
    // One after the other: starts side by side only wait for each other's processor.
    const { kills, told, executed, rows, unknown, sessions, ...wrong } = await killGateways(KILLS);
    console.log({ kills, executed, rows, unknown, sessions });
    expect(wrong).toEqual({ unrecorded: [], invented: [], repeated: [], uneven: [], whole: true });
    expect(kills).toBe(KILLS);
    expect(told).toBe('401 `session_ended`');
    expect(sessions).toBe(2 * kills);
    expect(executed).toBeGreaterThan(kills);
    expect(unknown).toBeGreaterThan(0);
    seen({
      part: 'The gateway',
      fault: 'SIGKILL at a random instant of an acting write, 200 times (torture: 1,000)',
      acting: 'the connection breaks; the next gateway answers 401 `session_ended`',
      ordinary: 'the connection breaks, until the next gateway listens',
      reviewing: 'log 200 as soon as the next gateway listens',
      record:
        'whole; every executed write has one row, every `ok` an executed write; a write under way says "the outcome is unknown"; every session has one start and one end, `gateway_restarted`',
    });
  },
);
