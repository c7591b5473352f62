/**
 * Work on the whole record beside its writers, when it is opened: one of several gateways is at it, and to the others there is
 * nothing to do. One piece after the other, because an index that is built and statistics that are gathered at the same time wait
 * for each other.
 */
import { connect, type Connection, rows } from './database.ts';

export type Upkeep = {
  /** How long one statement of it may take, and the others may have to wait for a gateway that stopped in the midst of it; milliseconds. */
  readonly patienceMs: number;
  isDone(connection: Connection): Promise<boolean>;
  /** What another left half done is done anew. */
  work(connection: Connection, signal: AbortSignal): Promise<void>;
};

const MY_TURN = `SELECT pg_try_advisory_lock(hashtextextended('understudy upkeep ' || current_schema(), 0)) AS mine`;

/** @param signal lets go of the connection; PostgreSQL may finish what it is at */
export async function keepUp(url: string, pieces: readonly Upkeep[], signal: AbortSignal): Promise<void> {
  for (const piece of pieces) {
    if (signal.aborted || !(await kept(url, piece, signal))) return;
  }
}

/** False where somebody else is at it. */
async function kept(url: string, piece: Upkeep, signal: AbortSignal): Promise<boolean> {
  const connection = await connect({ url, patienceMs: piece.patienceMs });
  const letGo = (): void => void connection.close();
  signal.addEventListener('abort', letGo);
  try {
    if (await piece.isDone(connection)) return true;
    const [turn] = await rows<{ mine: boolean }>(connection, MY_TURN);
    if (turn?.mine !== true) return false;
    await piece.work(connection, signal);
    return true;
  } finally {
    signal.removeEventListener('abort', letGo);
    await connection.close();
  }
}
