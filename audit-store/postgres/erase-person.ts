/** Forgets a person's particulars in a record in PostgreSQL: blanks them beside the chain, and says so on it. */
import { boundedText } from '../clean-text.ts';
import type { ErasePersonOptions, ErasureFacts, EraseResult } from '../maintenance.ts';
import { alone } from './alone.ts';
import { addEntry, type CommandConnection, purge, withPostgresRecord } from './command-connection.ts';
import { rows } from './database.ts';

/** Rows blanked in one transaction; gateways wait meanwhile. */
const AT_ONCE = 500;
const WORDS = 200;
const REASON = 500;

const KNOWN = `SELECT EXISTS (SELECT 1 FROM people WHERE id = $1)
  OR EXISTS (SELECT 1 FROM origins WHERE person_id = $1) AS yes`;
const BLANK_PEOPLE = `UPDATE people SET salt = NULL, name = NULL, email = NULL, search = NULL WHERE ref IN
  (SELECT ref FROM people WHERE id = $1 AND salt IS NOT NULL LIMIT ${AT_ONCE})`;
const BLANK_ORIGINS = `UPDATE origins SET salt = NULL, ip_address = NULL, user_agent = NULL WHERE ref IN
  (SELECT ref FROM origins WHERE person_id = $1 AND salt IS NOT NULL LIMIT ${AT_ONCE})`;

/** Promises what SQLite's does. Copies in PostgreSQL's own log, its replicas and backups are their operator's to end. */
export function erasePostgresPerson(url: string, options: ErasePersonOptions): Promise<EraseResult> {
  return withPostgresRecord(url, async (open) => {
    const { connection } = open;
    const [known] = await rows<{ yes: boolean }>(connection, KNOWN, [options.person]);
    if (known?.yes !== true) return { found: false };
    let people = 0;
    let origins = 0;
    for (;;) {
      const blanked = await alone(connection, () => blankSome(open, options));
      if (blanked === null) break;
      people += blanked.people;
      origins += blanked.origins;
    }
    return { found: true, people, origins, purged: await purge(connection) };
  });
}

/** Null when nothing is left to blank. */
async function blankSome(
  open: CommandConnection,
  { person, reason, asked }: ErasePersonOptions,
): Promise<{ people: number; origins: number } | null> {
  const { connection } = open;
  const people = (await connection.query(BLANK_PEOPLE, [person])).rowCount ?? 0;
  const origins = (await connection.query(BLANK_ORIGINS, [person])).rowCount ?? 0;
  if (people + origins === 0) return null;
  const facts: ErasureFacts = {
    person: boundedText(person, WORDS),
    people,
    origins,
    asked_by: boundedText(asked.by, WORDS),
    reason: reason === null ? null : boundedText(reason, REASON),
  };
  await addEntry(open, { kind: 'erasure', at: asked.at }, facts);
  return { people, origins };
}
