/** Blanks the particulars of people, and the addresses, that no entry names any more. */
import { alone } from './alone.ts';
import { type Connection, rows } from './database.ts';

/** Rows blanked in one transaction; gateways wait meanwhile. */
const AT_ONCE = 500;

/**
 * Which rows nobody names is read at leisure; before they are blanked the entries that were added meanwhile are looked
 * at, because a gateway may have written of the same person again.
 */
export async function blankUnnamed(connection: Connection): Promise<void> {
  const [last] = await rows<{ seq: number }>(connection, 'SELECT seq FROM written');
  const since = last?.seq ?? 0;
  await blank(
    connection,
    `SELECT ref FROM people WHERE salt IS NOT NULL
     EXCEPT SELECT actor_ref FROM entries EXCEPT SELECT subject_ref FROM entries`,
    `UPDATE people p SET salt = NULL, name = NULL, email = NULL, search = NULL WHERE ref = ANY ($1::bigint[])
     AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.seq > $2 AND (e.actor_ref = p.ref OR e.subject_ref = p.ref))`,
    since,
  );
  await blank(
    connection,
    'SELECT ref FROM origins WHERE salt IS NOT NULL EXCEPT SELECT origin_ref FROM entries',
    `UPDATE origins o SET salt = NULL, ip_address = NULL, user_agent = NULL WHERE ref = ANY ($1::bigint[])
     AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.seq > $2 AND e.origin_ref = o.ref)`,
    since,
  );
}

async function blank(connection: Connection, unnamed: string, update: string, since: number): Promise<void> {
  const refs = (await rows<{ ref: number }>(connection, unnamed)).map(({ ref }) => ref);
  for (let from = 0; from < refs.length; from += AT_ONCE)
    await alone(connection, () => connection.query(update, [refs.slice(from, from + AT_ONCE), since]));
}
