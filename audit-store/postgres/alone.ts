/** Holds the record's lock over several statements, so that no other gateway or command adds to it meanwhile. */
import { LOCK } from './chain-end.ts';
import type { Connection } from './database.ts';

/** Gateways wait until it is over; all of it happens, or nothing. */
export async function alone<Result>(connection: Connection, act: () => Promise<Result>): Promise<Result> {
  try {
    await connection.query('BEGIN');
    await connection.query(LOCK);
    const result = await act();
    await connection.query('COMMIT');
    return result;
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
