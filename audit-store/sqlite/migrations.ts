/** The tables of the record, as numbered steps that are applied in order and never edited once released. */
import type { Connection } from './database.ts';
import { CHECKPOINT_TABLES } from './checkpoint-tables.ts';
import { FIRST_TABLES } from './first-tables.ts';
import { MEETING_TABLES } from './meeting-tables.ts';
import { PAGE_INDEXES } from './page-indexes.ts';
import { TRACE_TABLES } from './trace-tables.ts';

const STEPS: readonly string[] = [
  FIRST_TABLES,
  CHECKPOINT_TABLES,
  PAGE_INDEXES,
  TRACE_TABLES,
  MEETING_TABLES,
];

/** Brings the database to the newest version; each step and its number are committed together. */
export function migrate(connection: Connection): void {
  const version = schemaVersion(connection);
  if (version > STEPS.length) {
    throw new Error(
      `the record is of version ${version}, made by a newer release than this one (${STEPS.length})`,
    );
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue;
    connection
      .transaction(() => {
        connection.exec(step);
        connection.pragma(`user_version = ${index + 1}`);
      })
      .immediate();
  }
}

/** Applies the first `count` steps to an empty database: what a record of that version has to look like. */
export function migrateTo(connection: Connection, count: number): void {
  for (const step of STEPS.slice(0, count)) connection.exec(step);
}

export function schemaVersion(connection: Connection): number {
  return Number(connection.pragma('user_version', { simple: true }));
}
