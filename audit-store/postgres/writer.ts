/** Owns the one connection that adds to the record, opens it anew when it broke, and never writes a group twice. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditUnavailableError } from '../audit-store.ts';
import type { PendingEntry, WriteResult } from '../pending-entry.ts';
import { checkServer } from './check-server.ts';
import { alone } from './alone.ts';
import { checkTail } from './check-tail.ts';
import { connect, type OwnConnection, rows } from './database.ts';
import { type Doubt, entryWriter } from './entry-writer.ts';
import { describeFailure, isRefusal } from './failure.ts';
import { migrate } from './migrations.ts';
import { closeRun, holdRun } from './runs.ts';

export type Writer = {
  /** Resolves to the last seq there is. */
  start(): Promise<number>;
  write(group: readonly PendingEntry[]): Promise<readonly WriteResult[]>;
  /** `write`: also find out whether writing works. */
  probe(write: boolean): Promise<void>;
  close(): Promise<void>;
};

export type WriterOptions = {
  readonly url: string;
  readonly patienceMs: number;
  readonly instance: string;
  readonly run: string;
  /** Told at once when the connection is cut: whoever wants to be known as alive has to open another. */
  readonly onCut: (reason: string) => void;
};

/** Between two looks at what became of a commit that was not acknowledged. */
const LOOK_AGAIN_MS = 250;

export function openWriter({ url, patienceMs, instance, run, onCut }: WriterOptions): Writer {
  const entries = entryWriter({ instance, run });
  let current: OwnConnection | null = null;
  let closing = false;
  /** One thing at a time on this connection. */
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const mine = turn.then(act);
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function connection(): Promise<OwnConnection> {
    if (current !== null && current.broken() === null) return current;
    const opened = await connect({ url, patienceMs });
    try {
      await checkServer(opened);
      await holdRun(opened, { run, instance });
    } catch (error) {
      await opened.close();
      throw error;
    }
    opened.onBroken(() => {
      if (current === opened && !closing) onCut(opened.broken() ?? '');
    });
    current = opened;
    return opened;
  }

  /** After anything but a plain refusal the connection is not trusted any more. */
  function distrust(error: unknown): void {
    if (isRefusal(error)) return;
    void current?.close();
    current = null;
  }

  async function write(group: readonly PendingEntry[]): Promise<readonly WriteResult[]> {
    let abandoned = false;
    const isWanted = () => !abandoned;
    const impatience = setTimeout(() => (abandoned = true), patienceMs);
    let doubt: Doubt | null = null;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const hadOne = current !== null;
        let sent: Doubt | null = null;
        try {
          const onCommit = (now: Doubt) => (sent = now);
          const results = await entries.write(await connection(), group, { doubt, isWanted, onCommit });
          if (results !== null) return results;
          throw new AuditUnavailableError('PostgreSQL answered too late, and nothing was written');
        } catch (error) {
          if (error instanceof AuditUnavailableError) throw error;
          distrust(error);
          if (sent !== null && !isRefusal(error)) doubt = sent;
          // A connection that had died unnoticed is worth one more attempt; a server that refuses is not.
          const stale = hadOne && attempt === 1 && !isRefusal(error) && !abandoned;
          if (closing || (doubt === null && !stale)) throw new AuditUnavailableError(describeFailure(error));
          if (!stale) await sleep(LOOK_AGAIN_MS);
        }
      }
    } finally {
      clearTimeout(impatience);
    }
  }

  async function once<Result>(act: (to: OwnConnection) => Promise<Result>): Promise<Result> {
    try {
      return await act(await connection());
    } catch (error) {
      distrust(error);
      throw new AuditUnavailableError(describeFailure(error), { cause: error });
    }
  }

  return {
    start: () =>
      inTurn(async () => {
        const first = await connect({ url, patienceMs });
        try {
          await checkServer(first);
          await migrate(first);
          const last = await checkTail(first);
          await connection();
          return last;
        } finally {
          await first.close();
        }
      }),
    write: (group) => inTurn(() => write(group)),
    probe: (writing) =>
      inTurn(() =>
        once(async (to) => {
          const [mode] = await rows<{ on: boolean }>(
            to,
            `SELECT current_setting('transaction_read_only') = 'on' AS on`,
          );
          if (mode?.on === true) throw new Error('the record is read-only (25006)');
          if (writing) await alone(to, () => tryOut(to));
        }),
      ),
    async close() {
      closing = true;
      await inTurn(async () => {
        if (current === null || current.broken() !== null) return;
        await closeRun(current, run).catch(() => undefined);
        await current.close();
      });
    },
  };
}

/** As much as a small group: a table that cannot grow is found out. Alone, because whoever holds the lock keeps everybody out. */
async function tryOut(connection: OwnConnection): Promise<void> {
  await rows(connection, 'INSERT INTO probe VALUES ($1)', [randomBytes(16_384)]);
  await rows(connection, 'DELETE FROM probe');
}
