/** Keeps people and origins beside the chain, each set of facts once, under a salted commitment: a whole group at a time. */
import { randomBytes } from 'node:crypto';
import type { AuditPerson, NewAuditEvent } from '../audit-store.ts';
import { commitment } from '../commitment.ts';
import { originFacts, personFacts } from '../entry.ts';
import { personSearch } from '../searchable.ts';
import { type Connection, rows } from './database.ts';

export type Kept = { readonly ref: number; readonly commitment: Buffer };
export type Refs = { readonly actor: Kept; readonly subject: Kept; readonly origin: Kept | null };

type Origin = { readonly personId: string; readonly ip: string | null; readonly agent: string | null };
type Found = { readonly n: number; readonly ref: number; readonly commitment: Buffer };

const FIND_PEOPLE = `SELECT w.n, p.ref, p.commitment
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w (id, name, email, n)
  JOIN people p ON p.id = w.id AND p.name = w.name AND p.email = w.email AND p.salt IS NOT NULL`;
const ADD_PEOPLE = `INSERT INTO people (commitment, salt, id, name, email, search)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[])
  RETURNING ref, commitment`;
const FIND_ORIGINS = `SELECT w.n, o.ref, o.commitment
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w (person_id, ip, agent, n)
  JOIN origins o ON o.person_id = w.person_id AND o.ip_address IS NOT DISTINCT FROM w.ip
    AND o.user_agent IS NOT DISTINCT FROM w.agent AND o.salt IS NOT NULL`;
const ADD_ORIGINS = `INSERT INTO origins (commitment, salt, person_id, ip_address, user_agent)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[])
  RETURNING ref, commitment`;

/** Inside the transaction that holds the record's lock. The answer gives each of these events its refs. */
export async function keepFacts(
  connection: Connection,
  events: readonly NewAuditEvent[],
): Promise<(event: NewAuditEvent) => Refs> {
  const people = new Map<string, AuditPerson>();
  const origins = new Map<string, Origin>();
  const keys = new Map(
    events.map((event) => {
      const { actor, subject } = event;
      const from = originOf(event);
      return [
        event,
        {
          actor: keyIn(people, personKey(actor), actor),
          subject: keyIn(people, personKey(subject), subject),
          origin: from && keyIn(origins, originKey(from), from),
        },
      ];
    }),
  );
  const [knownPeople, knownOrigins] = await Promise.all([
    look(
      connection,
      FIND_PEOPLE,
      [...people.values()].map(({ id, name, email }) => [id, name, email]),
    ),
    look(
      connection,
      FIND_ORIGINS,
      [...origins.values()].map(({ personId, ip, agent }) => [personId, ip, agent]),
    ),
  ]);
  const [person, origin] = await Promise.all([
    complete(connection, ADD_PEOPLE, people, knownPeople, (one) => ({
      facts: personFacts(one),
      columns: [one.id, one.name, one.email, personSearch(one.name, one.email)],
    })),
    complete(connection, ADD_ORIGINS, origins, knownOrigins, ({ personId, ip, agent }) => ({
      facts: originFacts(personId, ip, agent),
      columns: [personId, ip, agent],
    })),
  ]);
  return (event) => {
    const theirs = keys.get(event);
    if (theirs === undefined) throw new Error('nobody of this event was kept');
    return {
      actor: person(theirs.actor),
      subject: person(theirs.subject),
      origin: theirs.origin === null ? null : origin(theirs.origin),
    };
  };
}

async function look(
  connection: Connection,
  sql: string,
  wanted: readonly (readonly (string | null)[])[],
): Promise<readonly Found[]> {
  return wanted.length === 0 ? [] : rows<Found>(connection, sql, columnsOf(wanted, 3));
}

/** Adds those that are not known yet, each under a salt of its own. */
async function complete<One>(
  connection: Connection,
  sql: string,
  wanted: ReadonlyMap<string, One>,
  known: readonly Found[],
  keep: (one: One) => { facts: Parameters<typeof commitment>[1]; columns: readonly (string | null)[] },
): Promise<(key: string) => Kept> {
  const keys = [...wanted.keys()];
  const kept = new Map<string, Kept>();
  for (const { n, ref, commitment: committed } of known)
    kept.set(keys[n - 1] ?? '', { ref, commitment: committed });
  const added = new Map<string, string>();
  const table: (string | Buffer | null)[][] = [];
  for (const [key, one] of wanted) {
    if (kept.has(key)) continue;
    const salt = randomBytes(32);
    const { facts, columns } = keep(one);
    const committed = commitment(salt, facts);
    added.set(committed.toString('hex'), key);
    table.push([committed, salt, ...columns]);
  }
  if (table.length > 0) {
    const width = table[0]?.length ?? 0;
    for (const row of await rows<Kept>(connection, sql, columnsOf(table, width)))
      kept.set(added.get(row.commitment.toString('hex')) ?? '', row);
  }
  return (key) => {
    const found = kept.get(key);
    if (found === undefined) throw new Error('a person or address was not kept');
    return found;
  };
}

/** Rows as the columns that `unnest` puts together again. */
function columnsOf<Cell>(
  table: readonly (readonly Cell[])[],
  width: number,
): readonly (Cell | undefined)[][] {
  return Array.from({ length: width }, (_, column) => table.map((row) => row[column]));
}

function originOf({ actor, ipAddress, userAgent }: NewAuditEvent): Origin | null {
  return ipAddress === null && userAgent === null
    ? null
    : { personId: actor.id, ip: ipAddress, agent: userAgent };
}

const personKey = ({ id, name, email }: AuditPerson): string => JSON.stringify([id, name, email]);
const originKey = ({ personId, ip, agent }: Origin): string => JSON.stringify([personId, ip, agent]);

function keyIn<One>(all: Map<string, One>, key: string, one: One): string {
  all.set(key, one);
  return key;
}
