/** Says in a few words why the record cannot be written or read; for health pages, logs and refusals. */
import { sqliteCode } from './database.ts';

export function describeFailure(error: unknown): string {
  const code = sqliteCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const known = KNOWN.find(([prefix]) => code?.startsWith(prefix));
  return known ? `${known[1]} (${code ?? text})` : text;
}

const KNOWN: readonly (readonly [prefix: string, words: string])[] = [
  ['SQLITE_FULL', 'the disk, or the size limit of the record, is full'],
  ['SQLITE_BUSY', 'the record is locked by another process'],
  ['SQLITE_LOCKED', 'the record is locked by another process'],
  ['SQLITE_READONLY', 'the record is read-only'],
  [
    'SQLITE_CORRUPT',
    'the record is damaged: see `understudy audit verify`, then put a whole copy in its place',
  ],
  ['SQLITE_NOTADB', 'the file is not a record'],
  ['SQLITE_IOERR', 'the disk reports an error'],
  ['SQLITE_CANTOPEN', 'the file cannot be opened'],
];

/** After these a connection is not trusted any more; the next attempt opens a new one. */
export function needsReopening(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && SHAKEN.some((prefix) => code.startsWith(prefix));
}

const SHAKEN = [
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_IOERR',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'SQLITE_PROTOCOL',
];
