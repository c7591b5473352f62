/** A connection for a command that changes the record beside a gateway that may have it open, or may not. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WrittenBy } from '../chain-head.ts';
import { checkTail } from './check-tail.ts';
import type { Connection } from './database.ts';
import { describeFailure } from './failure.ts';
import { openWriter } from './open-writer.ts';
import { lockRecord } from './record-lock.ts';

/** A command can wait for a gateway; what it writes at once is kept small, because no gateway waits that long for it. */
const PATIENCE_MS = 5000;
const PURGE_ATTEMPTS = 20;
const PURGE_PAUSE_MS = 250;
const BRIEF_MS = 20;

export type CommandConnection = { readonly connection: Connection; readonly by: WrittenBy };

/**
 * Runs the command on a record whose end is sound. What it deletes or blanks is overwritten in the file.
 * @throws one line that names the file, when it cannot be opened or the end of the chain is broken
 */
export async function withRecord<Result>(
  file: string,
  work: (open: CommandConnection) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(file)) throw new Error(`there is no record at ${file}`);
  let connection: Connection | null = null;
  try {
    connection = openWriter({ file, busyTimeoutMs: PATIENCE_MS, maxBytes: null });
    connection.pragma('secure_delete = ON');
    checkTail(connection);
    return await work({ connection, by: { instance: hostname(), run: randomUUID() } });
  } catch (error) {
    throw new Error(`the record ${file} cannot be changed: ${describeFailure(error)}`, { cause: error });
  } finally {
    connection?.close();
  }
}

/**
 * Empties the write-ahead log, in which older states of pages stand on until then, and, while no gateway has the record
 * open, writes the whole file anew. False when somebody read in the log all the while.
 */
export async function purge(file: string, connection: Connection): Promise<boolean> {
  const unlock = lockIfFree(file);
  try {
    if (unlock !== null) connection.exec('VACUUM');
    // Moves what it can without anybody waiting; what is left for the last step, which stops writers, is little.
    connection.pragma('wal_checkpoint(PASSIVE)');
    connection.pragma(`busy_timeout = ${BRIEF_MS}`);
    for (let attempt = 0; attempt < PURGE_ATTEMPTS; attempt += 1) {
      const [outcome] = connection.prepare<[], { busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)').all();
      if (outcome?.busy === 0) return true;
      await sleep(PURGE_PAUSE_MS);
    }
    return false;
  } finally {
    unlock?.();
  }
}

function lockIfFree(file: string): (() => void) | null {
  try {
    return lockRecord(file);
  } catch {
    return null;
  }
}
