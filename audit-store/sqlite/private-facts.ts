/** Keeps people and origins beside the chain, each set of facts once, under a salted commitment. */
import { randomBytes } from 'node:crypto';
import type { AuditPerson, NewAuditEvent } from '../audit-store.ts';
import { commitment } from '../commitment.ts';
import { originFacts, personFacts } from '../entry.ts';
import { personSearch } from '../searchable.ts';
import type { Connection } from './database.ts';

export type Kept = { readonly ref: number; readonly commitment: Buffer };

export type PrivateFacts = {
  person(person: AuditPerson): Kept;
  /** Where the event's request came from; null when there was none. */
  origin(event: NewAuditEvent): Kept | null;
};

export function privateFacts(connection: Connection): PrivateFacts {
  const findPerson = connection.prepare<[string, string, string], Kept>(
    'SELECT ref, commitment FROM people WHERE id = ? AND name = ? AND email = ? AND salt IS NOT NULL',
  );
  const addPerson = connection.prepare<[Buffer, Buffer, string, string, string, string]>(
    'INSERT INTO people (commitment, salt, id, name, email, search) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const findOrigin = connection.prepare<[string, string | null, string | null], Kept>(
    `SELECT ref, commitment FROM origins
     WHERE person_id = ? AND ip_address IS ? AND user_agent IS ? AND salt IS NOT NULL`,
  );
  const addOrigin = connection.prepare<[Buffer, Buffer, string, string | null, string | null]>(
    'INSERT INTO origins (commitment, salt, person_id, ip_address, user_agent) VALUES (?, ?, ?, ?, ?)',
  );

  return {
    person(person) {
      const known = findPerson.get(person.id, person.name, person.email);
      if (known) return known;
      const salt = randomBytes(32);
      const committed = commitment(salt, personFacts(person));
      const search = personSearch(person.name, person.email);
      const added = addPerson.run(committed, salt, person.id, person.name, person.email, search);
      return { ref: Number(added.lastInsertRowid), commitment: committed };
    },
    origin({ actor, ipAddress, userAgent }) {
      if (ipAddress === null && userAgent === null) return null;
      const known = findOrigin.get(actor.id, ipAddress, userAgent);
      if (known) return known;
      const salt = randomBytes(32);
      const committed = commitment(salt, originFacts(actor.id, ipAddress, userAgent));
      const added = addOrigin.run(committed, salt, actor.id, ipAddress, userAgent);
      return { ref: Number(added.lastInsertRowid), commitment: committed };
    },
  };
}
