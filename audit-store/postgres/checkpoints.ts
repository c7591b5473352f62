/** Reads where the chain ends, and keeps checkpoints beside it; the database itself refuses one with another hash than the entry's. */
import type { ChainHead, KeptCheckpoint } from '../audit-store.ts';
import { GENESIS } from '../chain.ts';
import { type Connection, rows } from './database.ts';

export async function readHead(connection: Connection): Promise<ChainHead> {
  const [found] = await rows<{ seq: number | null; hash: Buffer | null; checkpointed: number | null }>(
    connection,
    `SELECT e.seq, e.hash, (SELECT max(seq) FROM checkpoints) AS checkpointed
     FROM (SELECT 1) AS one LEFT JOIN (SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1) AS e ON true`,
  );
  return {
    seq: found?.seq ?? 0,
    hash: (found?.hash ?? GENESIS).toString('hex'),
    checkpointed: found?.checkpointed ?? 0,
  };
}

/** Gateways that checkpoint at the same moment leave one of the two. */
export async function keepCheckpoint(connection: Connection, checkpoint: KeptCheckpoint): Promise<void> {
  const { seq, hash, at, note } = checkpoint;
  await rows(
    connection,
    `INSERT INTO checkpoints (seq, hash, at, note) SELECT $1, $2, $3, $4
     WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE seq >= $1) ON CONFLICT DO NOTHING`,
    [seq, Buffer.from(hash, 'hex'), at, note],
  );
}
