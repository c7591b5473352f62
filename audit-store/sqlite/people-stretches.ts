/** The stretches in which entries of certain people stand. */
import type { AuditFilter } from '../audit-store.ts';
import { kindsOf, type Search, type Stretches } from '../stretches.ts';
import type { Connection } from './database.ts';

/** As many different actors are looked through as are never many beside the people they act for. */
const ACTORS = 2000;

const EVENTS_OF_ACTORS = `FROM entries INDEXED BY entries_actor WHERE kind = 'event'`;

/** Leaps from one actor to the next, however many entries each has; one more than are looked through. */
const EVERY_ACTOR = `WITH RECURSIVE acting (ref) AS (
    SELECT (SELECT actor_ref ${EVENTS_OF_ACTORS} AND actor_ref > 0 ORDER BY actor_ref LIMIT 1)
    UNION ALL
    SELECT (SELECT actor_ref ${EVENTS_OF_ACTORS} AND actor_ref > ref ORDER BY actor_ref LIMIT 1)
      FROM acting WHERE ref IS NOT NULL)
  SELECT ref FROM acting WHERE ref IS NOT NULL LIMIT ${ACTORS + 1}`;

/** And so from market to market of each of the actors in the list; where there was none stands null. */
const THEIR_MARKETS = `WITH RECURSIVE acted (ref, market) AS (
    SELECT value, (SELECT market_id ${EVENTS_OF_ACTORS} AND actor_ref = value AND market_id IS NOT NULL
      ORDER BY market_id LIMIT 1) FROM json_each(@refs)
    UNION ALL
    SELECT ref, (SELECT market_id ${EVENTS_OF_ACTORS} AND actor_ref = ref AND market_id > market
      ORDER BY market_id LIMIT 1) FROM acted WHERE market IS NOT NULL)
  SELECT ref, market FROM acted WHERE market IS NOT NULL
  UNION ALL
  SELECT value, NULL FROM json_each(@refs)
    WHERE EXISTS (SELECT 1 ${EVENTS_OF_ACTORS} AND actor_ref = value AND market_id IS NULL)`;

/** Refs of the people whom the search finds; at most so many. Of actors only those who have ever acted, where they can be told. */
export function peopleFound(
  connection: Connection,
  { side, needle }: Search,
  most: number,
): readonly number[] {
  const acting = side === 'actor' ? connection.prepare<[], number>(EVERY_ACTOR).pluck().all() : [];
  const fewActors = side === 'actor' && acting.length <= ACTORS;
  // `instr` knows no wildcards.
  const sql = fewActors
    ? 'SELECT ref FROM json_each(@acting) CROSS JOIN people ON ref = value WHERE instr(search, @needle) > 0 LIMIT @most'
    : 'SELECT ref FROM people WHERE instr(search, @needle) > 0 LIMIT @most';
  return connection
    .prepare<[Readonly<Record<string, string | number>>], number>(sql)
    .pluck()
    .all({ needle, most, ...(fewActors && { acting: JSON.stringify(acting) }) });
}

export function subjectStretches(refs: readonly number[]): Stretches {
  return { index: 'entries_subject', columns: ['subject_ref'], values: refs.map((ref) => [ref]) };
}

/** Of each actor those of every market they have acted in, or of the one that is asked for, and of the kinds there are. */
export function actorStretches(
  connection: Connection,
  refs: readonly number[],
  filter: AuditFilter,
): Stretches {
  const kinds = kindsThatAre(connection, filter);
  const places: readonly (readonly [number, string | null])[] = filter.market
    ? refs.map((ref) => [ref, filter.market ?? null])
    : marketsOf(connection, refs);
  return {
    index: 'entries_actor',
    columns: ['actor_ref', 'market_id', 'event', 'outcome'],
    values: places.flatMap((place) => kinds.map((kind) => [...place, ...kind])),
  };
}

function marketsOf(
  connection: Connection,
  refs: readonly number[],
): readonly (readonly [number, string | null])[] {
  return connection
    .prepare<[{ refs: string }], readonly [number, string | null]>(THEIR_MARKETS)
    .raw()
    .all({ refs: JSON.stringify(refs) });
}

function kindsThatAre(connection: Connection, filter: AuditFilter): ReturnType<typeof kindsOf> {
  const one = connection.prepare<[string, string]>(
    `SELECT 1 FROM entries INDEXED BY entries_kind
     WHERE kind = 'event' AND event = ? AND outcome = ? LIMIT 1`,
  );
  return kindsOf(filter).filter((kind) => one.get(...kind) !== undefined);
}
