/** Keeps people and origins beside the chain, each set of facts once, under a salted commitment. */
import { randomBytes } from 'node:crypto';
import type { AuditPerson, NewAuditEvent } from '../audit-store.ts';
import { commitment } from '../commitment.ts';
import { originFacts, personFacts } from '../entry.ts';
import { personSearch } from '../searchable.ts';
import type { Connection } from './database.ts';

/** The commitment in lower-case hex. */
export type Kept = { readonly ref: number; readonly commitment: string };

export type PrivateFacts = {
  person(person: AuditPerson): Kept;
  /** Where the event's request came from; null when there was none. */
  origin(event: NewAuditEvent): Kept | null;
  /** To be called when something may have been taken back or blanked since: what is known by heart is looked up anew. */
  forget(): void;
};

/** Of either; a gateway's own people, and where they come from, are far fewer. */
const MOST_KNOWN = 2_000;

export function privateFacts(connection: Connection): PrivateFacts {
  const people = new Map<string, Kept>();
  const origins = new Map<string, Kept>();
  function keep(all: Map<string, Kept>, key: string, kept: Kept): Kept {
    if (all.size >= MOST_KNOWN) all.clear();
    all.set(key, kept);
    return kept;
  }
  const findPerson = connection.prepare<[string, string, string], Kept>(
    'SELECT ref, lower(hex(commitment)) AS commitment FROM people WHERE id = ? AND name = ? AND email = ? AND salt IS NOT NULL',
  );
  const addPerson = connection.prepare<[Buffer, Buffer, string, string, string, string]>(
    'INSERT INTO people (commitment, salt, id, name, email, search) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const findOrigin = connection.prepare<[string, string | null, string | null], Kept>(
    `SELECT ref, lower(hex(commitment)) AS commitment FROM origins
     WHERE person_id = ? AND ip_address IS ? AND user_agent IS ? AND salt IS NOT NULL`,
  );
  const addOrigin = connection.prepare<[Buffer, Buffer, string, string | null, string | null]>(
    'INSERT INTO origins (commitment, salt, person_id, ip_address, user_agent) VALUES (?, ?, ?, ?, ?)',
  );

  return {
    person(person) {
      const key = JSON.stringify([person.id, person.name, person.email]);
      const known = people.get(key);
      if (known !== undefined) return known;
      const found = findPerson.get(person.id, person.name, person.email);
      if (found) return keep(people, key, found);
      const salt = randomBytes(32);
      const committed = commitment(salt, personFacts(person));
      const search = personSearch(person.name, person.email);
      const added = addPerson.run(committed, salt, person.id, person.name, person.email, search);
      return keep(people, key, { ref: Number(added.lastInsertRowid), commitment: committed.toString('hex') });
    },
    origin({ actor, ipAddress, userAgent }) {
      if (ipAddress === null && userAgent === null) return null;
      const key = JSON.stringify([actor.id, ipAddress, userAgent]);
      const known = origins.get(key);
      if (known !== undefined) return known;
      const found = findOrigin.get(actor.id, ipAddress, userAgent);
      if (found) return keep(origins, key, found);
      const salt = randomBytes(32);
      const committed = commitment(salt, originFacts(actor.id, ipAddress, userAgent));
      const added = addOrigin.run(committed, salt, actor.id, ipAddress, userAgent);
      return keep(origins, key, {
        ref: Number(added.lastInsertRowid),
        commitment: committed.toString('hex'),
      });
    },
    forget() {
      people.clear();
      origins.clear();
    },
  };
}
