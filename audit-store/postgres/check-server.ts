/** Refuses a server on which what is committed would not be durable, or not be what was written. */
import { type Connection, rows } from './database.ts';

const OLDEST = 130_000;

type Server = { readonly version: number; readonly fsync: string; readonly encoding: string };

export async function checkServer(connection: Connection): Promise<void> {
  const [server] = await rows<Server>(
    connection,
    `SELECT current_setting('server_version_num')::integer AS version, current_setting('fsync') AS fsync,
       current_setting('server_encoding') AS encoding`,
  );
  if (server === undefined || server.version < OLDEST) throw new Error('PostgreSQL 13 or newer is needed');
  if (server.fsync !== 'on')
    throw new Error('PostgreSQL runs with fsync off; commits would not survive a power cut');
  if (server.encoding !== 'UTF8')
    throw new Error(`the database's encoding is ${server.encoding}; UTF8 is needed`);
}
