/** Checks that the people and origins an entry points to are the ones it is bound to, or were blanked as a whole. */
import type { EntryBody, EntryRow } from './check-entry.ts';
import { commitment } from './commitment.ts';
import { originFacts, personFacts } from './entry.ts';
import type { Finding } from './record-problem.ts';
import { personSearch } from './searchable.ts';

export type PersonRow = {
  readonly commitment: Buffer;
  readonly salt: Buffer | null;
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly search: string | null;
};

export type OriginRow = {
  readonly commitment: Buffer;
  readonly salt: Buffer | null;
  readonly person_id: string;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
};

/** The rows that stand beside the chain. */
export type KeptFacts = {
  readonly person: (ref: number) => PersonRow | undefined;
  readonly origin: (ref: number) => OriginRow | undefined;
};

export type FactChecker = (row: EntryRow, body: EntryBody) => Finding | null;

/** A checker for one walk: it looks at each person and origin once and remembers which are sound. */
export function factChecker(kept: KeptFacts): FactChecker {
  const people = remembered((ref) => soundPerson(kept.person(ref)));
  const origins = remembered((ref) => soundOrigin(kept.origin(ref)));

  return (row, body) => {
    for (const side of ['actor', 'subject'] as const) {
      const found = people(row[`${side}_ref`]);
      const meant = body[side];
      if (found?.commitment !== meant?.commitment || found?.id !== meant?.id) {
        return {
          seq: row.seq,
          problem: 'person_altered',
          detail: `the ${side} is not the person the entry is bound to`,
        };
      }
    }
    const found = origins(row.origin_ref);
    if ((found?.commitment ?? null) !== body.origin || (found && found.id !== body.actor?.id)) {
      return {
        seq: row.seq,
        problem: 'origin_altered',
        detail: 'address or user agent is not what the entry is bound to',
      };
    }
    return null;
  };
}

type Sound = { readonly commitment: string; readonly id: string } | null;

function soundPerson(row: PersonRow | undefined): Sound {
  if (!row) return null;
  const { id, name, email, search, salt } = row;
  const sound = { commitment: row.commitment.toString('hex'), id };
  if (salt === null || name === null || email === null) {
    return [salt, name, email, search].every((value) => value === null) ? sound : null;
  }
  if (search !== personSearch(name, email)) return null;
  return commitment(salt, personFacts({ id, name, email })).equals(row.commitment) ? sound : null;
}

function soundOrigin(row: OriginRow | undefined): Sound {
  if (!row) return null;
  const sound = { commitment: row.commitment.toString('hex'), id: row.person_id };
  if (row.salt === null) return row.ip_address === null && row.user_agent === null ? sound : null;
  const facts = originFacts(row.person_id, row.ip_address, row.user_agent);
  return commitment(row.salt, facts).equals(row.commitment) ? sound : null;
}

function remembered(look: (ref: number) => Sound): (ref: number | null) => Sound {
  const seen = new Map<number, Sound>();
  return (ref) => {
    if (ref === null) return null;
    const known = seen.get(ref);
    if (known !== undefined) return known;
    const sound = look(ref);
    seen.set(ref, sound);
    return sound;
  };
}
