/** Forgets a person's particulars: blanks them beside the chain, which stays whole, and says so on it. */
import { boundedText } from '../clean-text.ts';
import type { ErasePersonOptions, ErasureFacts, EraseResult } from '../maintenance.ts';
import { chainEnd } from './chain-end.ts';
import { type CommandConnection, purge, withRecord } from './command-connection.ts';
import type { Connection } from './database.ts';

/** Rows blanked in one transaction; a gateway waits meanwhile. */
const AT_ONCE = 500;
const WORDS = 200;
const REASON = 500;

/**
 * Works beside a running gateway, and without one. Names and e-mails of the person go, on either side of a session, and the
 * addresses and user agents they acted from; their id and what they did stay. So does what actors typed as a reason,
 * and what rules captured: both are hashed as they are, and neither should name people.
 */
export function erasePerson(file: string, options: ErasePersonOptions): Promise<EraseResult> {
  return withRecord(file, async (open) => {
    const { connection } = open;
    const known = connection
      .prepare<[string, string]>(
        'SELECT 1 FROM people WHERE id = ? UNION ALL SELECT 1 FROM origins WHERE person_id = ?',
      )
      .pluck();
    if (known.get(options.person, options.person) === undefined) return { found: false };

    const blankSome = eraser(open, options);
    let people = 0;
    let origins = 0;
    for (;;) {
      const blanked = blankSome();
      if (blanked === null) break;
      people += blanked.people;
      origins += blanked.origins;
    }
    return { found: true, people, origins, purged: await purge(file, connection) };
  });
}

/** Blanks some rows and adds the entry that says so, both or neither; null when nothing is left to blank. */
function eraser({ connection, by }: CommandConnection, { person, reason, asked }: ErasePersonOptions) {
  const chain = chainEnd(connection, by);
  const blank = blanker(connection);
  const run = connection.transaction((): { people: number; origins: number } | null => {
    const { people, origins } = blank(person);
    if (people + origins === 0) return null;
    const facts: ErasureFacts = {
      person: boundedText(person, WORDS),
      people,
      origins,
      asked_by: boundedText(asked.by, WORDS),
      reason: reason === null ? null : boundedText(reason, REASON),
    };
    chain.add(chain.head(), { kind: 'erasure', at: asked.at }, (stamp) => ({ ...stamp, ...facts }), null);
    return { people, origins };
  });
  return () => run.immediate();
}

function blanker(connection: Connection): (person: string) => { people: number; origins: number } {
  const people = connection.prepare<[string]>(
    `UPDATE people SET salt = NULL, name = NULL, email = NULL, search = NULL WHERE ref IN
     (SELECT ref FROM people WHERE id = ? AND salt IS NOT NULL LIMIT ${AT_ONCE})`,
  );
  const origins = connection.prepare<[string]>(
    `UPDATE origins SET salt = NULL, ip_address = NULL, user_agent = NULL WHERE ref IN
     (SELECT ref FROM origins WHERE person_id = ? AND salt IS NOT NULL LIMIT ${AT_ONCE})`,
  );
  return (person) => ({ people: people.run(person).changes, origins: origins.run(person).changes });
}
