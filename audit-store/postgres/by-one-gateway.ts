/** Work on the whole record beside its writers: one of several gateways does it, and to the others there is nothing to do. */
import { connect, type Connection, rows } from './database.ts';

export type WorkOnRecord = {
  readonly url: string;
  /** Tells the turn of this work from the turns of others. */
  readonly name: string;
  /** Lets go of the connection; PostgreSQL may finish what it is at. */
  readonly signal: AbortSignal;
  /** How long PostgreSQL may be at one statement of it. */
  readonly patienceMs: number;
  readonly isDone: (connection: Connection) => Promise<boolean>;
  /** What another left half done is done anew. */
  readonly work: (connection: Connection) => Promise<void>;
};

export async function byOneGateway({
  url,
  name,
  signal,
  patienceMs,
  isDone,
  work,
}: WorkOnRecord): Promise<void> {
  const connection = await connect({ url, patienceMs });
  const letGo = (): void => void connection.close();
  signal.addEventListener('abort', letGo);
  try {
    if (signal.aborted || (await isDone(connection))) return;
    const [turn] = await rows<{ mine: boolean }>(
      connection,
      `SELECT pg_try_advisory_lock(hashtextextended($1 || current_schema(), 0)) AS mine`,
      [`understudy ${name} `],
    );
    if (turn?.mine === true) await work(connection);
  } finally {
    signal.removeEventListener('abort', letGo);
    await connection.close();
  }
}
