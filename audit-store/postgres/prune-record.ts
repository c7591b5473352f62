/** Retention for a record in PostgreSQL: cuts the oldest checkpointed entries off as a whole, and says so on the chain. */
import { boundedText } from '../clean-text.ts';
import type { PruneOptions, PruneResult, PruningFacts, Stretch } from '../maintenance.ts';
import { blankUnnamed } from './blank-unnamed.ts';
import { beginning } from './chain-end.ts';
import { alone } from './alone.ts';
import { addEntry, type CommandConnection, purge, withPostgresRecord } from './command-connection.ts';
import { type Connection, rows } from './database.ts';
import { forgetMeetings } from './forget-meetings.ts';
import { openEnds } from './open-ends.ts';

/** Rows deleted in one statement; nobody waits for it. */
const AT_ONCE = 5000;
const WORDS = 200;
/** A gateway that lost its connection may still be asking whether its last entries are there. */
const STAYS_MS = 60_000;

/** Works beside running gateways. What a crash left half deleted, the next call deletes. */
export function prunePostgresRecord(url: string, options: PruneOptions): Promise<PruneResult> {
  return withPostgresRecord(url, async (open) => {
    const { connection } = open;
    const { before, decisionsOnly, asked } = options;
    const [old] = await rows<{ n: number }>(connection, 'SELECT count(*) AS n FROM decisions WHERE at < $1', [
      before,
    ]);
    const decisions = old?.n ?? 0;
    const found = decisionsOnly
      ? { stretch: null, kept: 'newer' as const }
      : await findStretch(connection, Math.min(before, asked.at - STAYS_MS));
    const { stretch, kept } = found;
    if (stretch !== null || decisions > 0)
      await alone(connection, () => allow(open, options, stretch, decisions));

    await connection.query('DELETE FROM decisions WHERE at < $1', [before]);
    if (!decisionsOnly) {
      await deleteUpTo(connection, (await beginning(connection)).seq);
      await forgetMeetings(connection);
      await blankUnnamed(connection);
    }
    await purge(connection);
    const cut = stretch && { first: stretch.first, last: stretch.last, hash: stretch.hash.toString('hex') };
    return { cut, decisions, kept };
  });
}

/** The longest stretch from the beginning that is old enough, ends in a checkpoint and has nothing open in it. */
async function findStretch(
  connection: Connection,
  before: number,
): Promise<{ stretch: Stretch | null; kept: PruneResult['kept'] }> {
  const first = (await beginning(connection)).seq + 1;
  const [old] = await rows<{ seq: number }>(
    connection,
    'SELECT seq FROM entries WHERE high_at < $1 ORDER BY high_at DESC, seq DESC LIMIT 1',
    [before],
  );
  const oldest = old?.seq ?? 0;
  if (oldest < first) return { stretch: null, kept: 'newer' };

  const { firstOpen } = await openEnds(connection, [], 0).marks();
  const ended = firstOpen === null ? oldest : Math.min(oldest, firstOpen - 1);
  const [end] = await rows<Omit<Stretch, 'first'>>(
    connection,
    `SELECT e.seq AS last, e.hash, e.high_at FROM checkpoints c JOIN entries e ON e.seq = c.seq AND e.hash = c.hash
     WHERE c.seq <= $1 ORDER BY c.seq DESC LIMIT 1`,
    [ended],
  );
  const kept = ended < oldest ? 'open' : end?.last === oldest ? 'newer' : 'not_checkpointed';
  return end === undefined || end.last < first
    ? { stretch: null, kept }
    : { stretch: { first, ...end }, kept };
}

/** Puts it on the chain, and only then lets the entries be deleted. */
async function allow(
  open: CommandConnection,
  { before, asked }: PruneOptions,
  stretch: Stretch | null,
  decisions: number,
): Promise<void> {
  const { connection } = open;
  const from = await beginning(connection);
  const facts: PruningFacts = {
    first: stretch?.first ?? from.seq + 1,
    last: stretch?.last ?? from.seq,
    hash: (stretch?.hash ?? from.hash).toString('hex'),
    before,
    decisions,
    asked_by: boundedText(asked.by, WORDS),
  };
  await addEntry(open, { kind: 'pruning', at: asked.at }, facts);
  if (stretch === null) return;
  const { first, last, hash, high_at } = stretch;
  await rows(
    connection,
    'INSERT INTO stretches (first_seq, last_seq, hash, high_at) VALUES ($1, $2, $3, $4)',
    [first, last, hash, high_at],
  );
}

async function deleteUpTo(connection: Connection, last: number): Promise<void> {
  const [oldest] = await rows<{ seq: number | null }>(connection, 'SELECT min(seq) AS seq FROM entries');
  for (let seq = oldest?.seq ?? last + 1; seq <= last; seq += AT_ONCE)
    await connection.query('DELETE FROM entries WHERE seq BETWEEN $1 AND $2', [
      seq,
      Math.min(seq + AT_ONCE - 1, last),
    ]);
}
