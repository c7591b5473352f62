/**
 * The story: a gateway whose record is in a database was killed while its commit was on the way, and the next one could
 * not tell whose order it was. Here gateways are killed at random instants of acting writes, again and again on one record.
 */
import { expect, onTestFinished, test } from 'vitest';
import { verifyPostgresRecord } from '../../audit-store/index.ts';
import { startPostgres } from '../postgres-server.ts';
import { seen } from './fault-table.ts';
import { killGateways } from './kill-gateways.ts';

/** Side by side, each on a record of its own. */
const LANES = 2;
const KILLS = process.env['TORTURE'] === undefined ? 10 : 200;

test(
  `killed ${KILLS} times over PostgreSQL: a row for every executed write`,
  { timeout: KILLS * 10_000 },
  async () => {
    const server = await startPostgres();
    onTestFinished(() => server.remove());
    const lane = async () => {
      const url = await server.schema();
      return killGateways(KILLS / LANES, { url, verify: () => verifyPostgresRecord(url) });
    };
    for (const result of await Promise.all(Array.from({ length: LANES }, lane))) {
      const { kills, told, executed, rows, unknown, sessions, ...wrong } = result;
      console.log({ kills, executed, rows, unknown, sessions });
      expect(wrong).toEqual({ unrecorded: [], invented: [], repeated: [], uneven: [], whole: true });
      expect(kills).toBe(KILLS / LANES);
      expect(told).toBe('401 `session_ended`');
      expect(sessions).toBe(2 * kills);
      expect(executed).toBeGreaterThan(kills);
    }
    seen({
      part: 'PostgreSQL',
      fault: 'A gateway over it gets SIGKILL at a random instant of an acting write, 10 times (torture: 200)',
      acting: 'the connection breaks; the next gateway answers 401 `session_ended`',
      ordinary: 'the connection breaks, until the next gateway listens',
      reviewing: 'log 200 as soon as the next gateway listens',
      record:
        'whole; every executed write has one row, every `ok` an executed write; every session has one start and one end, `gateway_restarted`',
    });
  },
);
