/** Keeps checkpoints beside the chain; the database itself refuses one that names another hash than the entry has. */
import type { KeptCheckpoint } from '../audit-store.ts';
import type { Connection } from './database.ts';

export function checkpointWriter(connection: Connection): (checkpoint: KeptCheckpoint) => void {
  const insert = connection.prepare<[{ seq: number; hash: Buffer; at: number; note: string }]>(
    `INSERT INTO checkpoints (seq, hash, at, note) SELECT @seq, @hash, @at, @note
     WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE seq >= @seq)`,
  );
  const write = connection.transaction((checkpoint: KeptCheckpoint) => {
    insert.run({ ...checkpoint, hash: Buffer.from(checkpoint.hash, 'hex') });
  });
  return (checkpoint) => {
    write.immediate(checkpoint);
  };
}
