/** The tables of the record, as numbered steps that are applied in order and never edited once released. */
import { type Connection, rows } from './database.ts';
import { COMPUTED_COLUMNS } from './computed-columns.ts';
import { FIRST_TABLES } from './first-tables.ts';
import { MEETING_TABLES } from './meeting-tables.ts';
import { PAGE_INDEXES } from './page-indexes.ts';
import { STRETCH_TABLES } from './stretch-tables.ts';
import { TURN_TABLES } from './turn-tables.ts';

const STEPS: readonly string[] = [
  FIRST_TABLES,
  STRETCH_TABLES,
  TURN_TABLES,
  COMPUTED_COLUMNS,
  PAGE_INDEXES,
  MEETING_TABLES,
];

/** Gateways that start at once take turns: the later ones find the work done. */
const TURN = `SELECT pg_advisory_xact_lock(hashtextextended('understudy record ' || current_schema(), 0))`;

/** Brings the schema that the role creates in to the newest version, all steps in one transaction. */
export async function migrate(connection: Connection): Promise<void> {
  await connection.query('BEGIN');
  try {
    await connection.query(TURN);
    await connection.query('CREATE TABLE IF NOT EXISTS record_version (version integer NOT NULL)');
    const version = await schemaVersion(connection);
    if (version > STEPS.length) {
      throw new Error(
        `the record is of version ${version}, made by a newer release than this one (${STEPS.length})`,
      );
    }
    for (const step of STEPS.slice(version)) await connection.query(step);
    if (version < STEPS.length) {
      await connection.query('DELETE FROM record_version');
      await connection.query(`INSERT INTO record_version VALUES (${STEPS.length})`);
    }
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function schemaVersion(connection: Connection): Promise<number> {
  const [found] = await rows<{ version: number }>(connection, 'SELECT version FROM record_version');
  return found?.version ?? 0;
}
