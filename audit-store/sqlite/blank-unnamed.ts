/** Blanks the particulars of people, and the addresses, that no entry names any more. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './database.ts';

/** Rows blanked in one transaction; a gateway waits meanwhile. */
const AT_ONCE = 500;
/** And then it has its turn, milliseconds. */
const PAUSE_MS = 25;

/**
 * Which rows nobody names is read at leisure; before each is blanked the entries that were added meanwhile are looked at,
 * because a gateway may have written of the same person again.
 */
export async function blankUnnamed(connection: Connection): Promise<void> {
  await blank(
    connection,
    'people',
    `SELECT ref FROM people WHERE salt IS NOT NULL
     EXCEPT SELECT actor_ref FROM entries EXCEPT SELECT subject_ref FROM entries`,
    'e.actor_ref = people.ref OR e.subject_ref = people.ref',
    'salt = NULL, name = NULL, email = NULL, search = NULL',
  );
  await blank(
    connection,
    'origins',
    'SELECT ref FROM origins WHERE salt IS NOT NULL EXCEPT SELECT origin_ref FROM entries',
    'e.origin_ref = origins.ref',
    'salt = NULL, ip_address = NULL, user_agent = NULL',
  );
}

async function blank(
  connection: Connection,
  table: 'people' | 'origins',
  unnamed: string,
  named: string,
  nothing: string,
): Promise<void> {
  const look = connection.transaction(() => ({
    last: Number(connection.prepare('SELECT coalesce(max(seq), 0) FROM entries').pluck().get()),
    refs: connection.prepare<[], number>(unnamed).pluck().all(),
  }));
  const { last, refs } = look();
  const one = connection.prepare<[number, number]>(
    `UPDATE ${table} SET ${nothing} WHERE ref = ?
     AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.seq > ? AND (${named}))`,
  );
  const some = connection.transaction((part: readonly number[]) => {
    for (const ref of part) one.run(ref, last);
  });
  for (let from = 0; from < refs.length; from += AT_ONCE) {
    some.immediate(refs.slice(from, from + AT_ONCE));
    await sleep(PAUSE_MS);
  }
}
