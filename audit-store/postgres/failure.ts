/** Says in a few words why the record in PostgreSQL cannot be written or read; no address, no password. */
import { DatabaseError } from './database.ts';

export function describeFailure(error: unknown): string {
  const code = errorCode(error);
  if (error instanceof Error && TIMEOUT.test(error.message)) return 'PostgreSQL does not answer';
  const text = error instanceof Error && error.message !== '' ? error.message : (code ?? String(error));
  if (code === null) return text;
  const known = KNOWN.find(([prefix]) => code.startsWith(prefix));
  return known ? `${known[1]} (${code})` : text;
}

/** What pg itself says when it has waited long enough; it has no code for it. */
const TIMEOUT = /^(?:timeout expired|Query read timeout|Connection terminated due to connection timeout)$/;

const KNOWN: readonly (readonly [prefix: string, words: string])[] = [
  ['53100', 'the disk of PostgreSQL is full'],
  ['53300', 'PostgreSQL has no connection left for the gateway'],
  ['25006', 'the record is read-only'],
  ['55P03', 'another gateway, or somebody else, holds the record’s lock'],
  ['57014', 'PostgreSQL takes too long'],
  ['57P', 'PostgreSQL is starting, stopping or has cut the connection'],
  ['28', 'PostgreSQL does not accept the gateway’s role or password'],
  ['3D000', 'there is no such database'],
  ['XX', 'the record is damaged'],
  ['ECONNREFUSED', 'PostgreSQL is not there'],
  ['ENOTFOUND', 'the host of PostgreSQL is not known'],
  ['ECONNRESET', 'the connection to PostgreSQL was cut'],
];

/** SQLSTATE, or the code of a failed system call. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/**
 * Whether PostgreSQL said no to this statement and lives on, so that its transaction certainly came to nothing. In
 * another language than English it is taken for a broken connection, which is looked into and costs a moment.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === 'ERROR';
}
