/**
 * Work on the whole record beside its writers, when it is opened: one of several gateways is at it, the others only wait for its
 * end. One piece after the other, because an index that is built and statistics that are gathered at the same time wait for each
 * other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Connection, rows } from './database.ts';

export type Upkeep = {
  /** How long one statement of it may take, and the others may have to wait for a gateway that stopped in the midst of it; milliseconds. */
  readonly patienceMs: number;
  isDone(connection: Connection): Promise<boolean>;
  /** What another left half done is done anew. */
  work(connection: Connection, signal: AbortSignal): Promise<void>;
};

/** Whoever is at it may be gone without having done it. */
const LOOK_AGAIN_MS = 1000;
const MY_TURN = `SELECT pg_try_advisory_lock(hashtextextended('understudy upkeep ' || current_schema(), 0)) AS mine`;

/** @param signal lets go of the connection, and this rejects; PostgreSQL may finish what it is at */
export async function keepUp(url: string, pieces: readonly Upkeep[], signal: AbortSignal): Promise<void> {
  for (const piece of pieces) {
    signal.throwIfAborted();
    await keep(url, piece, signal);
  }
}

async function keep(url: string, piece: Upkeep, signal: AbortSignal): Promise<void> {
  const connection = await connect({ url, patienceMs: piece.patienceMs });
  const letGo = (): void => void connection.close();
  signal.addEventListener('abort', letGo);
  try {
    while (!(await piece.isDone(connection))) {
      const [turn] = await rows<{ mine: boolean }>(connection, MY_TURN);
      if (turn?.mine === true) return await piece.work(connection, signal);
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
  } finally {
    signal.removeEventListener('abort', letGo);
    await connection.close();
  }
}
