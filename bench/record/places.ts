/** Where the record that is measured stands: a file in a folder, or schemas of a PostgreSQL; gone afterwards unless it is kept. */
import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { openPostgresAuditStore, openSqliteAuditStore, type AuditStore } from '../../audit-store/index.ts';

export type Shell = ChildProcessByStdio<null, Readable, null>;

export type Place = {
  open(clock: { now(): number }): Promise<AuditStore>;
  gibibytes(): number;
  /** The database's own program writing the same fifteen columns in the same order as CSV to its standard output. */
  shell(): Shell;
};

export type Kept = { readonly name: string; readonly where: string };

export type Places = {
  readonly database: string;
  readonly program: string;
  /** A place without a record yet, or the one that is kept from run to run. */
  another(name: string): Place;
  remove(): void;
};

const REST = `FROM entries e LEFT JOIN people a ON a.ref = e.actor_ref LEFT JOIN people s ON s.ref = e.subject_ref
  LEFT JOIN origins o ON o.ref = e.origin_ref WHERE kind = 'event' ORDER BY seq DESC`;

const SQLITE_QUERY = `SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch'), event, outcome, body ->> '$.status_code',
  a.name, a.email, s.name, s.email, body ->> '$.market.name', body ->> '$.method', body ->> '$.path', body ->> '$.action',
  body ->> '$.reason', o.ip_address, o.user_agent ${REST}`;

const POSTGRES_QUERY = `COPY (SELECT to_char(to_timestamp(at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), event,
  outcome, b ->> 'status_code', a.name, a.email, s.name, s.email, b #>> '{market,name}', b ->> 'method', b ->> 'path',
  b ->> 'action', b ->> 'reason', o.ip_address, o.user_agent
  ${REST.replace('FROM entries e', 'FROM (SELECT *, body::jsonb AS b FROM entries) e')}) TO STDOUT CSV`;

/** @param kept name and folder of the record that stays where it is */
export function sqlitePlaces(kept: Kept | null): Places {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-record-'));
  return {
    database: 'SQLite',
    program: 'the sqlite3 shell',
    another(name) {
      const file = join(name === kept?.name ? kept.where : folder, `${name}.db`);
      return {
        open: (clock) => openSqliteAuditStore({ file, clock, instanceId: 'bench' }),
        gibibytes: () => statSync(file).size / 1024 ** 3,
        shell: () => start('sqlite3', ['-readonly', '-cmd', '.mode csv', file, SQLITE_QUERY], {}),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * @param address a database in which the role may create schemas
 * @param kept name and schema of the record that stays where it is
 */
export function postgresPlaces(address: string, kept: Kept | null): Places {
  const { hostname, port, username, password, pathname } = new URL(address);
  const names: string[] = [];
  const environment = (schema: string) => ({
    PGHOST: hostname,
    PGPORT: port === '' ? '5432' : port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGOPTIONS: `-c search_path=${schema} -c client_min_messages=warning`,
  });
  const say = (sql: string, schema: string): string =>
    execFileSync('psql', ['-XAtq', '-c', sql], { env: environment(schema), encoding: 'utf8' });
  return {
    database: 'PostgreSQL',
    program: 'psql COPY',
    another(name) {
      const isKept = name === kept?.name;
      const schema = isKept ? kept.where : `bench_${process.pid}_${name}`;
      say(`CREATE SCHEMA IF NOT EXISTS ${schema}`, schema);
      if (!isKept) names.push(schema);
      const url = new URL(address);
      url.searchParams.set('options', `-c search_path=${schema}`);
      return {
        open: (clock) => openPostgresAuditStore({ url: url.href, clock, instanceId: 'bench' }),
        gibibytes: () =>
          Number(
            say(
              `SELECT sum(pg_total_relation_size(oid)) FROM pg_class
               WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
              schema,
            ),
          ) /
          1024 ** 3,
        shell: () => start('psql', ['-Xq', '-c', POSTGRES_QUERY], environment(schema)),
      };
    },
    remove() {
      for (const name of names.splice(0)) say(`DROP SCHEMA ${name} CASCADE`, name);
    },
  };
}

function start(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Shell {
  return spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
}
