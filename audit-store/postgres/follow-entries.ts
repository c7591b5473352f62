/** Hears from PostgreSQL (LISTEN) that entries were added, by whichever gateway, and tells those who asked. */
import { connect, type ConnectionOptions, type OwnConnection, rows } from './database.ts';

export type Followers = {
  /** Returns the way to stop. The connection is opened with the first and closed some seconds after the last. */
  add(listener: () => void): () => void;
  close(): Promise<void>;
};

const RETRY_MS = 1000;
/** Whoever waits in turns comes back. */
const LINGER_MS = 5000;

export function followEntries(options: ConnectionOptions): Followers {
  const listeners = new Set<() => void>();
  let current: OwnConnection | null = null;
  let opening: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const tell = () => {
    for (const listener of listeners) listener();
  };

  async function open(): Promise<void> {
    try {
      const connection = await connect(options);
      current = connection;
      connection.onNotice(tell);
      connection.onBroken(() => {
        current = null;
        again();
      });
      const [schema] = await rows<{ name: string }>(
        connection,
        'SELECT quote_ident($1 || current_schema()) AS name',
        ['understudy_'],
      );
      await rows(connection, `LISTEN ${schema?.name ?? ''}`);
      // What was added while nobody listened.
      tell();
    } catch {
      void current?.close();
      current = null;
      again();
    }
  }

  function again(): void {
    clearTimeout(timer);
    if (listeners.size === 0) return;
    timer = setTimeout(start, RETRY_MS);
    timer.unref();
  }

  function start(): void {
    if (current !== null || opening !== null) return;
    opening = open().finally(() => {
      opening = null;
      leaveSoon();
    });
  }

  function leaveSoon(): void {
    if (listeners.size > 0 || current === null) return;
    clearTimeout(timer);
    timer = setTimeout(() => void stop(), LINGER_MS);
    timer.unref();
  }

  async function stop(): Promise<void> {
    clearTimeout(timer);
    const leaving = current;
    current = null;
    await leaving?.close();
  }

  return {
    add(listener) {
      listeners.add(listener);
      if (current !== null) clearTimeout(timer);
      start();
      return () => {
        listeners.delete(listener);
        if (opening === null) leaveSoon();
      };
    },
    async close() {
      listeners.clear();
      await opening;
      await stop();
    },
  };
}
