/** The record's file on disk: private to its owner, and the same file all the while it is open. */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { AuditUnavailableError, NoPlaceError } from '../audit-store.ts';

/**
 * Creates the folder (0700) if need be. Throws one line that names the path when nothing can be written there:
 * NoPlaceError if there was never a record, AuditUnavailableError if there is one, which somebody has to make room for.
 */
export function prepareFolder(file: string): void {
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const Trouble = existsSync(file) ? AuditUnavailableError : NoPlaceError;
    throw new Trouble(`the folder ${folder} cannot be written (${code})`, { cause: error });
  }
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new NoPlaceError('it is no file');
}

/**
 * Makes sure that the file exists with mode 0600; SQLite gives `-wal` and `-shm` the same. Never opens a file that
 * exists: closing it again would drop every lock this process holds on it (POSIX advisory locks).
 */
export function preparePrivateFile(file: string): void {
  if (existsSync(file)) chmodSync(file, 0o600);
  else closeSync(openSync(file, 'wx', 0o600));
}

/** Whether the last run that wrote this record ended without closing it: closing leaves no write-ahead log behind. */
export function wasLeftOpen(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Device and inode of the record and of its write-ahead log; a null log is not compared. */
export type FileIdentity = { readonly main: string; readonly log: string | null };

/** Which files stand at the path right now; throws when one is missing. */
export function fileIdentity(file: string): FileIdentity {
  return { main: identity(file), log: identity(`${file}-wal`) };
}

/**
 * Throws unless the files that were opened still stand where they did. Without this, commits into a file that someone
 * removed or replaced succeed for as long as the process lives and are gone afterwards.
 */
export function checkIdentity(file: string, opened: FileIdentity): void {
  if (isAnother(file, opened.main))
    throw new Error(`the file ${file} was removed or replaced while it was open`);
  if (opened.log !== null && isAnother(`${file}-wal`, opened.log)) {
    throw new Error(`the file ${file}-wal was removed or replaced while it was open`);
  }
}

function isAnother(path: string, opened: string): boolean {
  try {
    return identity(path) !== opened;
  } catch {
    return true;
  }
}

function identity(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}
