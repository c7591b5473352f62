/** What someone does who has the file, a copy of SQLite and this source: another past, every hash anew, nothing to see. */
import { entryHash, GENESIS } from '../../audit-store/chain.ts';
import { query, tamper } from './raw.ts';

/** Replaces one text by another in every entry, and computes the whole chain anew. */
export function rewritePast(file: string, from: string, to: string): void {
  const rows = query<{ seq: number; body: string }>(file, 'SELECT seq, body FROM entries ORDER BY seq');
  let hash = GENESIS;
  const changes = rows.map(({ seq, body }) => {
    const other = body.replaceAll(from, to);
    hash = entryHash(hash, other);
    return `UPDATE entries SET body = '${other.replaceAll("'", "''")}', hash = x'${hash.toString('hex')}' WHERE seq = ${seq}`;
  });
  tamper(file, [...changes, 'DELETE FROM checkpoints'].join(';\n'));
}
