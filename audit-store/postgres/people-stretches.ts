/** The stretches in which entries of certain people stand. */
import type { AuditFilter } from '../audit-store.ts';
import { kindsOf, type Search, type Stretches } from '../stretches.ts';
import { type Connection, rows } from './database.ts';
import { NO_NULL_MARKET } from './newest.ts';

/** As many different actors are looked through as are never many beside the people they act for. */
const ACTORS = 2000;

const NEXT_ACTOR = (after: string): string => `SELECT e.actor_ref FROM entries e
  WHERE e.kind = 'event' AND e.actor_ref > ${after} ORDER BY e.actor_ref, ${NO_NULL_MARKET} LIMIT 1`;

/** Leaps from one actor to the next, however many entries each has; one more than are looked through. */
const EVERY_ACTOR = `WITH RECURSIVE acting (ref) AS (
    SELECT (${NEXT_ACTOR('0')})
    UNION ALL
    SELECT (${NEXT_ACTOR('a.ref')}) FROM acting a WHERE a.ref IS NOT NULL)
  SELECT ref FROM acting WHERE ref IS NOT NULL LIMIT ${ACTORS + 1}`;

const NEXT_MARKET = (after: string): string => `SELECT ${NO_NULL_MARKET} FROM entries e
  WHERE e.kind = 'event' AND e.actor_ref = a.ref AND ${NO_NULL_MARKET} ${after} ORDER BY ${NO_NULL_MARKET} LIMIT 1`;

/** And so from market to market of each of the actors in the list. */
const THEIR_MARKETS = `WITH RECURSIVE acted (ref, market) AS (
    SELECT a.ref, (${NEXT_MARKET(`>= ''`)}) FROM unnest($1::bigint[]) AS a (ref)
    UNION ALL
    SELECT a.ref, (${NEXT_MARKET('> a.market')}) FROM acted a WHERE a.market IS NOT NULL)
  SELECT ref, market FROM acted WHERE market IS NOT NULL`;

const KINDS_THAT_ARE = `SELECT k.event, k.outcome FROM unnest($1::text[], $2::text[]) AS k (event, outcome)
  CROSS JOIN LATERAL (SELECT 1 FROM entries e
    WHERE e.kind = 'event' AND e.event = k.event AND e.outcome = k.outcome ORDER BY -e.seq LIMIT 1) AS one`;

/** Refs of the people whom the search finds; at most so many. Of actors only those who have ever acted, where they can be told. */
export async function peopleFound(
  connection: Connection,
  { side, needle }: Search,
  most: number,
): Promise<readonly number[]> {
  const acting = side === 'actor' ? await refsIn(connection, EVERY_ACTOR, []) : [];
  return side === 'actor' && acting.length <= ACTORS
    ? refsIn(
        connection,
        'SELECT ref FROM people WHERE ref = ANY ($1::bigint[]) AND strpos(search, $2) > 0 LIMIT $3',
        [acting, needle, most],
      )
    : refsIn(connection, 'SELECT ref FROM people WHERE strpos(search, $1) > 0 LIMIT $2', [needle, most]);
}

async function refsIn(
  connection: Connection,
  sql: string,
  values: readonly unknown[],
): Promise<readonly number[]> {
  return (await rows<{ ref: number }>(connection, sql, values)).map(({ ref }) => ref);
}

export function subjectStretches(refs: readonly number[]): Stretches {
  return { index: 'entries_subject', columns: ['subject_ref'], values: refs.map((ref) => [ref]) };
}

/** Of each actor those of every market they have acted in, or of the one that is asked for, and of the kinds there are. */
export async function actorStretches(
  connection: Connection,
  refs: readonly number[],
  filter: AuditFilter,
): Promise<Stretches> {
  const kinds = kindsOf(filter);
  const [markets, known] = await Promise.all([
    filter.market
      ? refs.map((ref) => ({ ref, market: filter.market ?? '' }))
      : rows<{ ref: number; market: string }>(connection, THEIR_MARKETS, [refs]),
    rows<{ event: string; outcome: string }>(connection, KINDS_THAT_ARE, [
      kinds.map(([event]) => event),
      kinds.map(([, outcome]) => outcome),
    ]),
  ]);
  return {
    index: 'entries_actor',
    columns: ['actor_ref', 'market_id', 'event', 'outcome'],
    values: markets.flatMap(({ ref, market }) =>
      known.map(({ event, outcome }) => [ref, market, event, outcome]),
    ),
  };
}
