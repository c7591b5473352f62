/** Reads where the chain ends, and how much of it is checkpointed. */
import type { ChainHead } from '../audit-store.ts';
import type { Head } from '../chain-head.ts';
import { beginning } from './chain-end.ts';
import type { Connection } from './database.ts';

export function readHead(connection: Connection): ChainHead {
  const read = connection.transaction(() => {
    const last = connection
      .prepare<[], Head>('SELECT seq, hash, high_at FROM entries ORDER BY seq DESC LIMIT 1')
      .get();
    const { seq, hash } = last ?? beginning(connection);
    const checkpointed = connection.prepare('SELECT max(seq) FROM checkpoints').pluck().get();
    return {
      seq,
      hash: hash.toString('hex'),
      checkpointed: typeof checkpointed === 'number' ? checkpointed : 0,
    };
  });
  return read();
}
