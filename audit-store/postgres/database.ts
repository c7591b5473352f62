/** The only door to pg: connections that wait briefly, commit durably, and give up on a server that does not answer. */
import { Client, Pool, type QueryResult, type QueryResultRow, TypeOverrides, types } from 'pg';

export type Connection = {
  query<Row extends QueryResultRow>(sql: string, values?: unknown[]): Promise<QueryResult<Row>>;
};

export { DatabaseError } from 'pg';

/** Its connections are opened as they are needed; each statement may get another one. */
export type Connections = Connection & { close(): Promise<void> };

/** One connection of its own, for what must be ordered: the writer's, a listener's, a verifier's. */
export type OwnConnection = Connection & {
  /** Why it can be used no more, or null. */
  broken(): string | null;
  onNotice(listener: (payload: string) => void): void;
  onBroken(listener: () => void): void;
  close(): Promise<void>;
};

export type ConnectionOptions = {
  readonly url: string;
  /** A server that takes longer than this for one statement, or to be reached, counts as gone; milliseconds. */
  readonly patienceMs: number;
};

/** Sequence numbers and times are far below 2^53. */
function parsers(): TypeOverrides {
  const overrides = new TypeOverrides(types);
  overrides.setTypeParser(types.builtins.INT8, Number);
  return overrides;
}

function settings({ url, patienceMs }: ConnectionOptions) {
  // What pg would throw carries the whole text, password and all.
  if (URL.parse(url) === null) throw new Error('the address of PostgreSQL is none');
  return {
    connectionString: url,
    application_name: 'understudy',
    connectionTimeoutMillis: patienceMs,
    // The server's own word comes first, so that a slow statement is called slow and the connection stays.
    statement_timeout: patienceMs,
    query_timeout: patienceMs + 500,
    keepAlive: true,
    types: parsers(),
  };
}

/** Statements may be sent without waiting for the answers to those before. Rejects when it cannot be opened. */
export async function connect(options: ConnectionOptions): Promise<OwnConnection> {
  const client = new Client({ ...settings(options), pipeline: true });
  let broken: string | null = null;
  const listeners: (() => void)[] = [];
  const gone = (reason: string) => {
    if (broken !== null) return;
    broken = reason;
    for (const listener of listeners) listener();
  };
  client.on('error', (error) => gone(error.message));
  client.on('end', () => gone('the connection to PostgreSQL was closed'));
  try {
    await client.connect();
    await client.query(prepared(options.patienceMs));
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
  return {
    query: (sql, values) => client.query(sql, values),
    broken: () => broken,
    onNotice(listener) {
      client.on('notification', ({ payload }) => listener(payload ?? ''));
    },
    onBroken: (listener) => void listeners.push(listener),
    async close() {
      broken ??= 'the connection was closed';
      // A server that hangs does not say goodbye.
      const patience = setTimeout(() => client.connection.stream.destroy(), 500);
      await client.end().catch(() => undefined);
      clearTimeout(patience);
    },
  };
}

export function openPool(options: ConnectionOptions): Connections {
  const pool = new Pool({ ...settings(options), max: 4, idleTimeoutMillis: 30_000, allowExitOnIdle: true });
  // An idle connection that breaks is replaced by the next question.
  pool.on('error', () => undefined);
  return {
    query: (sql, values) => pool.query(sql, values),
    // Not waited for: a question that hangs ends by its own timeout, and holds nothing up that is closing.
    async close() {
      void pool.end();
    },
  };
}

/** The rows of one statement; the caller says their type, which the schema holds them to. */
export async function rows<Row extends QueryResultRow>(
  connection: Connection,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return (await connection.query<Row>(sql, [...values])).rows;
}

/**
 * A commit that is acknowledged is on disk (and, where `remote_apply` was asked for, on the replicas), a dead gateway
 * is noticed within half a minute, and none keeps the others waiting in the middle of a transaction.
 */
function prepared(patienceMs: number): string {
  return `
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply';
    SET lock_timeout = ${Math.trunc(patienceMs * 0.8)};
    SET idle_in_transaction_session_timeout = ${patienceMs};
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3`;
}
