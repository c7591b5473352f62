/** Retention: cuts the oldest checkpointed entries off as a whole, keeps their last hash, and says so on the chain. */
import { setTimeout as sleep } from 'node:timers/promises';
import { boundedText } from '../clean-text.ts';
import type { PruneOptions, PruneResult, PruningFacts, Stretch } from '../maintenance.ts';
import { beginning, chainEnd } from './chain-end.ts';
import { type CommandConnection, purge, withRecord } from './command-connection.ts';
import type { Connection } from './database.ts';
import { marks } from './open-ends.ts';
import { blankUnnamed } from './blank-unnamed.ts';
import { forgetMeetings } from './forget-meetings.ts';
import { countDecisions, traceCutter } from './prune-trace.ts';

/** Rows deleted in one transaction; a gateway waits meanwhile. */
const AT_ONCE = 500;
/** And then it has its turn, milliseconds. */
const PAUSE_MS = 25;
const WORDS = 200;

/** Works beside a running gateway, and without one. What a crash left half deleted, the next call deletes. */
export function pruneRecord(file: string, options: PruneOptions): Promise<PruneResult> {
  return withRecord(file, async (open) => {
    const { connection } = open;
    const { before, decisionsOnly } = options;
    const decisions = countDecisions(connection, before);
    const found = decisionsOnly ? { stretch: null, kept: 'newer' as const } : findStretch(connection, before);
    if (found.stretch !== null || decisions > 0) allow(open, options, found.stretch, decisions);

    await inTurns(traceCutter(connection, before, AT_ONCE));
    if (!decisionsOnly) {
      await inTurns(entryCutter(connection, beginning(connection).seq));
      await forgetMeetings(connection);
      await blankUnnamed(connection);
    }
    await purge(file, connection);
    const { stretch, kept } = found;
    const cut = stretch && { first: stretch.first, last: stretch.last, hash: stretch.hash.toString('hex') };
    return { cut, decisions, kept };
  });
}

/** The longest stretch from the beginning that is old enough, ends in a checkpoint and has nothing open in it. */
function findStretch(
  connection: Connection,
  before: number,
): { stretch: Stretch | null; kept: PruneResult['kept'] } {
  const first = beginning(connection).seq + 1;
  const lastCheckpointed = connection.prepare<[number], Omit<Stretch, 'first'>>(
    `SELECT e.seq AS last, e.hash, e.high_at FROM checkpoints c JOIN entries e ON e.seq = c.seq AND e.hash = c.hash
     WHERE c.seq <= ? ORDER BY c.seq DESC LIMIT 1`,
  );
  const old = connection
    .prepare<[number]>('SELECT seq FROM entries WHERE high_at < ? ORDER BY high_at DESC, seq DESC LIMIT 1')
    .pluck()
    .get(before);
  const oldest = typeof old === 'number' ? old : 0;
  if (oldest < first) return { stretch: null, kept: 'newer' };

  const { firstOpen } = marks(connection);
  const ended = firstOpen === null ? oldest : Math.min(oldest, firstOpen - 1);
  const end = lastCheckpointed.get(ended);
  const kept = ended < oldest ? 'open' : end?.last === oldest ? 'newer' : 'not_checkpointed';
  return end === undefined || end.last < first
    ? { stretch: null, kept }
    : { stretch: { first, ...end }, kept };
}

/** Puts it on the chain, and only then lets the entries be deleted. */
function allow(
  { connection, by }: CommandConnection,
  { before, asked }: PruneOptions,
  stretch: Stretch | null,
  decisions: number,
): void {
  const chain = chainEnd(connection, by);
  const from = beginning(connection);
  const insert = connection.prepare<[Stretch]>(
    `INSERT INTO stretches (first_seq, last_seq, hash, high_at, why) VALUES (@first, @last, @hash, @high_at, 'pruned')`,
  );
  connection
    .transaction(() => {
      const facts: PruningFacts = {
        first: stretch?.first ?? from.seq + 1,
        last: stretch?.last ?? from.seq,
        hash: (stretch?.hash ?? from.hash).toString('hex'),
        before,
        decisions,
        asked_by: boundedText(asked.by, WORDS),
      };
      chain.add(chain.head(), { kind: 'pruning', at: asked.at }, (stamp) => ({ ...stamp, ...facts }), null);
      if (stretch !== null) insert.run(stretch);
    })
    .immediate();
}

function entryCutter(connection: Connection, last: number): () => boolean {
  const some = connection.prepare<[number, number]>(
    'DELETE FROM entries WHERE seq IN (SELECT seq FROM entries WHERE seq <= ? ORDER BY seq LIMIT ?)',
  );
  const run = connection.transaction(() => some.run(last, AT_ONCE).changes === AT_ONCE);
  return () => run.immediate();
}

/** @param cut deletes some and says whether there may be more */
async function inTurns(cut: () => boolean): Promise<void> {
  while (cut()) await sleep(PAUSE_MS);
}
