/** Turns in PostgreSQL: a row for each kind of work says whose it is, until when, and how far it has come. */
import type { Turns } from '../turns.ts';
import { type Connection, rows } from './database.ts';

const LOOK = `SELECT holder = $2 AS mine,
    (extract(epoch FROM held_until - clock_timestamp()) * 1000)::float8 AS left_ms
  FROM turns WHERE name = $1`;
const TAKE = `INSERT INTO turns AS t (name, holder, held_until)
  VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
  WHERE t.holder = excluded.holder OR t.held_until <= clock_timestamp()
  RETURNING name`;
const NOTED = 'SELECT far FROM turns WHERE name = $1';
const NOTE = 'UPDATE turns SET far = $3 WHERE name = $1 AND holder = $2';
const LEAVE = `UPDATE turns SET held_until = clock_timestamp() WHERE name = $1 AND holder = $2`;

/** What is asked for and this much more is taken, so that whoever asks twice a second seldom writes. */
const BEYOND = 1.25;

export function postgresTurns(connection: Connection): Turns {
  return {
    async take(name, holder, forMs) {
      const [held] = await rows<{ mine: boolean; left_ms: number }>(connection, LOOK, [name, holder]);
      if (held !== undefined && held.mine && held.left_ms >= forMs) return true;
      if (held !== undefined && !held.mine && held.left_ms > 0) return false;
      return (await rows(connection, TAKE, [name, holder, forMs * BEYOND])).length > 0;
    },
    async noted(name) {
      const [turn] = await rows<{ far: number | null }>(connection, NOTED, [name]);
      return turn?.far ?? null;
    },
    async note(name, holder, far) {
      await connection.query(NOTE, [name, holder, far]);
    },
    async leave(name, holder) {
      await connection.query(LEAVE, [name, holder]);
    },
  };
}
