/** Who of those whom two searches find ever dealt with each other. */
import type { AuditFilter } from '../audit-store.ts';
import { kindBits, LAG, type Meeting } from '../meetings.ts';
import type { Bounds, Search } from '../stretches.ts';
import { type Connection, rows } from './database.ts';
import { type Place, statementValues } from './newest.ts';

/** Whom a search finds: every ref where these are few enough to be listed, else null. */
export type Searched = Search & { readonly refs: readonly number[] | null };

/** SQL that is true where the person whose ref is given is found by the needle. `strpos` knows no wildcards. */
export function isFound(ref: string, needle: string): string {
  return `coalesce((SELECT strpos(p.search, ${needle}) > 0 FROM people p WHERE p.ref = ${ref}), false)`;
}

/** Whether there are at most so many meetings of those who are listed in the filter's market; false where nobody is. */
export async function metAtMost(
  connection: Connection,
  most: number,
  searched: readonly Searched[],
  filter: AuditFilter,
): Promise<boolean> {
  if (searched.every(({ refs }) => refs === null)) return false;
  const { values, place } = statementValues();
  const theirs = meetingsOfListed(searched, filter, place);
  const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM meetings m WHERE ${theirs} LIMIT ${most + 1}) AS met`;
  const [counted] = await rows<{ n: number }>(connection, sql, values);
  return (counted?.n ?? 0) <= most;
}

/**
 * Their meetings in the filter's market, of its kinds and within the bounds, those that went on longest first; at most so
 * many.
 * @param oneByOne whether those who are not listed are looked for among whom the others met, instead of among all people
 */
export async function meetingsOf(
  connection: Connection,
  searched: readonly Searched[],
  oneByOne: boolean,
  filter: AuditFilter,
  { low, high }: Bounds,
  most: number,
): Promise<readonly Meeting[]> {
  const { values, place } = statementValues();
  const known = [
    meetingsOfListed(searched, filter, place),
    `m.kinds & ${place(kindBits(filter))} <> 0 AND m.first <= ${place(high)} AND m.newest > ${place(low - LAG)}`,
  ].join(' AND ');
  const unlisted = searched.filter(({ refs }) => refs === null);
  const tests = unlisted.map(({ side, needle }) => {
    if (oneByOne) return isFound(`m.${side}_ref`, place(needle));
    const refs = `SELECT p.ref FROM people p WHERE strpos(p.search, ${place(needle)}) > 0`;
    // As a list of their own they lead to the meetings by the index; as a join each meeting's person might be looked at.
    return side === 'subject' ? `m.subject_ref = ANY (ARRAY(${refs}))` : `m.actor_ref IN (${refs})`;
  });
  // The OFFSET has them put in order before any is tested, so that no more are tested than are wanted.
  const from = oneByOne
    ? `(SELECT * FROM meetings m WHERE ${known} ORDER BY m.newest DESC OFFSET 0) AS m WHERE ${['true', ...tests].join(' AND ')}`
    : `meetings m WHERE ${[known, ...tests].join(' AND ')}`;
  return rows<Meeting>(
    connection,
    `SELECT m.actor_ref AS actor, m.subject_ref AS subject, m.market_id AS market, m.kinds, m.first, m.newest
     FROM ${from} ORDER BY m.newest DESC LIMIT ${place(most)}`,
    values,
  );
}

/** All of this stands in the key of the table. */
function meetingsOfListed(searched: readonly Searched[], { market }: AuditFilter, place: Place): string {
  const lists = searched.flatMap(({ side, refs }) =>
    refs === null ? [] : [`m.${side}_ref = ANY (${place(refs)}::bigint[])`],
  );
  return ['true', ...lists, ...(market ? [`m.market_id = ${place(market)}`] : [])].join(' AND ');
}
