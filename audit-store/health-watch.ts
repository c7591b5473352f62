/** Knows whether the record can be written, and keeps trying when it cannot, so that it heals without a restart. */
import type { AuditLog } from './audit-log.ts';
import type { StoreHealth } from './audit-store.ts';

export type HealthWatch = {
  /** What an attempt to write came to: null, or why it failed. */
  seen(trouble: string | null): void;
  health(): StoreHealth;
  close(): void;
};

export type HealthWatchOptions = {
  /** Rejects when the record is not the one that was opened or, asked to write, when that fails. */
  readonly probe: (write: boolean) => Promise<unknown>;
  /** How often a healthy record is looked at, in milliseconds. */
  readonly checkEveryMs: number;
  readonly log: AuditLog | undefined;
};

const RETRY_MS = 500;

export function healthWatch({ probe, checkEveryMs, log }: HealthWatchOptions): HealthWatch {
  let trouble: string | null = null;
  let closed = false;
  let timer = setTimeout(() => void check(), checkEveryMs);
  timer.unref();

  function seen(now: string | null): void {
    if (now === trouble) return;
    const wasHealthy = trouble === null;
    trouble = now;
    if (now === null) {
      log?.info({}, 'the audit record can be written again');
      return;
    }
    log?.error({ reason: now }, 'the audit record cannot be written');
    if (wasHealthy) schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => void check(), trouble === null ? checkEveryMs : RETRY_MS);
    timer.unref();
  }

  async function check(): Promise<void> {
    try {
      // A healthy record is only looked at; a troubled one has to show that a commit works.
      await probe(trouble !== null);
      seen(null);
    } catch (error) {
      seen(error instanceof Error ? error.message : String(error));
    }
    schedule();
  }

  return {
    seen,
    health: () => (trouble === null ? { ok: true } : { ok: false, reason: trouble }),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
