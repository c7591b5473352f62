/** Reads a person out of the app's JSON and trusts none of it: wrong types and sizes are an answer, not a crash. */
import { z } from 'zod';
import type { Person } from '../../policy/index.ts';
import { compilePointer, type PointerReader } from './json-pointer.ts';
import type { PersonMapping } from './person-schema.ts';

export type PersonAnswer =
  | { readonly kind: 'person'; readonly person: Person }
  /** The app says, with a null, that there is nobody. */
  | { readonly kind: 'nobody' }
  /** The answer does not have the configured shape; `cause` names the fact, never its content. */
  | { readonly kind: 'unreadable'; readonly cause: string };

export type PersonReader = (document: unknown) => PersonAnswer;

/** Serialised claims beyond this are refused: remembered people must stay small. */
const mostClaimBytes = 8 * 1024;

const identifier = z.union([z.string(), z.int().transform(String)]).pipe(
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u),
);
const nothing = z.undefined().transform(() => null);

const facts = z.object({
  id: identifier,
  // What people may write into a field for display must not decide whether they can be known: it is cut.
  name: z.string().transform((text) => displayText(text.slice(0, 200))),
  email: z.string().transform((text) => displayText(text.slice(0, 320))),
  roles: z.array(z.string().min(1).max(64)).max(32),
  market: z.union([identifier, nothing]),
  active: z.boolean(),
  blocked: z.boolean(),
  assignedTo: z.union([identifier, nothing]),
  claims: z
    .record(z.string(), z.unknown())
    .refine((claims) => JSON.stringify(claims).length <= mostClaimBytes),
});

export function compilePerson(mapping: PersonMapping): PersonReader {
  const id = compilePointer(mapping.id);
  const names = (Array.isArray(mapping.name) ? mapping.name : [mapping.name]).map(compilePointer);
  const email = optionalText(mapping.email);
  const roles = readRoles(mapping.roles);
  const market = readMarket(mapping.market);
  const active = readActive(mapping.active);
  const blocked = readBlocked(mapping.blocked);
  const assignedTo =
    mapping.assigned_to === undefined ? () => undefined : valueAt(compilePointer(mapping.assigned_to));
  const claims = readClaims(mapping.claims);

  return (document) => {
    const who = id(document);
    if (who.kind === 'null') return { kind: 'nobody' };
    const read = facts.safeParse({
      id: who.kind === 'value' ? who.value : undefined,
      name: joined(names.map((name) => valueAt(name)(document))),
      email: email(document),
      roles: roles(document),
      market: market(document),
      active: active(document),
      blocked: blocked(document),
      assignedTo: assignedTo(document),
      claims: claims(document),
    });
    if (!read.success) {
      const places = new Set(read.error.issues.map((issue) => String(issue.path[0])));
      return { kind: 'unreadable', cause: `no usable ${[...places].join(', ')} in the answer` };
    }
    const { blocked: held, ...data } = read.data;
    return {
      kind: 'person',
      person: {
        ...data,
        name: data.name === '' ? data.email || data.id : data.name,
        ...(held ? { blocked: true } : {}),
      },
    };
  };
}

/** Null and missing alike become undefined: an optional fact that is not there. */
function valueAt(pointer: PointerReader): (document: unknown) => unknown {
  return (document) => {
    const answer = pointer(document);
    return answer.kind === 'value' ? answer.value : undefined;
  };
}

function optionalText(pointer: string | undefined): (document: unknown) => unknown {
  if (pointer === undefined) return () => '';
  const read = valueAt(compilePointer(pointer));
  return (document) => read(document) ?? '';
}

/** Names that are not texts make the whole unreadable; absent parts are left out. */
function joined(parts: readonly unknown[]): unknown {
  const present = parts.filter((part) => part !== undefined);
  return present.every((part) => typeof part === 'string') ? present.join(' ') : null;
}

// Roles, market and status that were configured but are not there must not read as "none" or "active":
// a null or a gap is handed on as it is, and the schema above refuses it where a guess would be unsafe.
function readRoles(roles: PersonMapping['roles']): (document: unknown) => unknown {
  if (roles === undefined) return () => [];
  if (typeof roles !== 'string') return () => roles.always;
  const read = valueAt(compilePointer(roles));
  return (document) => {
    const value = read(document);
    return typeof value === 'string' ? [value] : value;
  };
}

function readMarket(market: PersonMapping['market']): (document: unknown) => unknown {
  if (market === undefined) return () => undefined;
  return typeof market === 'string' ? valueAt(compilePointer(market)) : () => market.always;
}

function readActive(active: PersonMapping['active']): (document: unknown) => unknown {
  if (active === undefined) return () => true;
  if (typeof active === 'string') return valueAt(compilePointer(active));
  const read = valueAt(compilePointer(active.at));
  return (document) => {
    const value = read(document);
    return typeof value === 'string' ? active.is.includes(value) : undefined;
  };
}

/** A status that is configured and not there is no "not blocked" either. */
function readBlocked(blocked: PersonMapping['blocked']): (document: unknown) => unknown {
  return blocked === undefined ? () => false : readActive(blocked);
}

function readClaims(claims: PersonMapping['claims']): (document: unknown) => unknown {
  if (claims === undefined) return () => ({});
  if (typeof claims === 'string') {
    const read = valueAt(compilePointer(claims));
    return (document) => read(document) ?? {};
  }
  const single = Object.entries(claims).map(
    ([name, pointer]) => [name, valueAt(compilePointer(pointer))] as const,
  );
  return (document) =>
    Object.fromEntries(
      single
        .map(([name, read]) => [name, read(document)] as const)
        .filter(([, value]) => value !== undefined),
    );
}

/** Text for screens and rows: no control characters, no bidirectional overrides that could rewrite a banner, 200 characters. */
function displayText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
