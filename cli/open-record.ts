/** Opens the record and completes what an earlier run left open; for as long as it cannot be opened nobody acts, and shoppers shop. */
import {
  openPostgresAuditStore,
  openSqliteAuditStore,
  openWhenPossible,
  type AuditLog,
  type AuditStore,
} from '../audit-store/index.ts';
import { SessionsUnavailableError, type Clock, type SessionStore } from '../gateway/index.ts';

export type OpenRecordOptions = {
  readonly file: string;
  /** Of a PostgreSQL, which then keeps the record instead of the file. */
  readonly url: string | null;
  readonly clock: Clock;
  readonly sessions: Pick<SessionStore, 'list' | 'knows'>;
  readonly log: AuditLog;
};

const RETRY_MS = 1_000;

/** Rejects only where there can be no record at all, such as in a folder that cannot be written. */
export function openRecord({ file, url, clock, sessions, log }: OpenRecordOptions): Promise<AuditStore> {
  return openWhenPossible({
    log,
    async open() {
      const store =
        url === null
          ? await openSqliteAuditStore({ file, clock, log })
          : await openPostgresAuditStore({ url, clock, log });
      let timer: NodeJS.Timeout | undefined;

      async function complete(): Promise<void> {
        try {
          await sessions.list(clock.now());
        } catch (error) {
          if (!(error instanceof SessionsUnavailableError)) throw error;
          // Nobody can say which sessions live; what can be read and written meanwhile is.
          timer = setTimeout(() => void complete().catch(failed), RETRY_MS);
          timer.unref();
          return;
        }
        const recovered = await store.recover((id) => sessions.knows(id));
        if (recovered.intents + recovered.sessions > 0)
          log.warn(recovered, 'completed what an earlier run left open');
      }
      const failed = (error: unknown): void =>
        log.error({ err: error }, 'what an earlier run left open could not be completed');

      const close = (): Promise<void> => {
        clearTimeout(timer);
        return store.close();
      };
      try {
        await complete();
        return { ...store, close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  });
}
