/** The record that a command is about: the one named, or the usual one. Opening must not make one where there is none. */
import { existsSync } from 'node:fs';
import { readEnvironment } from '../gateway/index.ts';
import { UsageError } from './usage-error.ts';

/** `name` is what may be said aloud: an address has a password in it. */
export type RecordPlace =
  | { readonly kind: 'file'; readonly file: string; readonly name: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly name: string };

/** Where nothing is named, AUDIT_URL comes before the file. */
export function recordAt(positionals: readonly string[]): RecordPlace {
  const [named, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError('one record at a time');
  const url = named === undefined ? auditUrl() : /^postgres(?:ql)?:\/\//.test(named) ? named : undefined;
  if (url !== undefined) {
    const { host, pathname } = URL.parse(url) ?? { host: '', pathname: '' };
    if (host === '') throw new UsageError('an address looks like postgres://role:password@host/database');
    return { kind: 'postgres', url, name: `postgres://${host}${pathname}` };
  }
  const file = named ?? 'data/audit.db';
  if (!existsSync(file)) throw new UsageError(`there is no record at ${file}`);
  return { kind: 'file', file, name: file };
}

function auditUrl(): string | undefined {
  const read = readEnvironment();
  if (!read.ok) throw new UsageError(read.mistakes.join('; '));
  return read.environment.AUDIT_URL;
}
