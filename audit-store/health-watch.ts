/** Knows whether the record can be written, and keeps trying when it cannot, so that it heals without a restart. */
import type { AuditLog } from './audit-log.ts';
import type { StoreHealth } from './audit-store.ts';

export type HealthWatch = {
  /** What an attempt to write came to: null, or why it failed, after so many milliseconds. */
  seen(trouble: string | null, tookMs: number): void;
  health(): StoreHealth;
  /**
   * Why nobody should wait for another attempt: the last one kept somebody waiting in vain. Null otherwise, also where
   * attempts fail at once: then each may find out for itself that the record is back.
   */
  gone(): string | null;
  close(): void;
};

export type HealthWatchOptions = {
  /** Rejects when the record is not the one that was opened or, asked to write, when that fails. */
  readonly probe: (write: boolean) => Promise<unknown>;
  /** Told when the record can be written again. */
  readonly onHealed: () => void;
  /** An attempt that fails sooner than this keeps nobody waiting, in milliseconds. */
  readonly inVainMs: number;
  /** How often a healthy record is looked at, in milliseconds. */
  readonly checkEveryMs: number;
  readonly log: AuditLog | undefined;
};

/** A moment's trouble is over soon; every further attempt waits twice as long, up to the longest. */
const FIRST_RETRY_MS = 25;
const LONGEST_RETRY_MS = 500;

export function healthWatch({
  probe,
  inVainMs,
  onHealed,
  checkEveryMs,
  log,
}: HealthWatchOptions): HealthWatch {
  let trouble: string | null = null;
  let isGone = false;
  let retryMs = FIRST_RETRY_MS;
  let checking = false;
  let closed = false;
  let timer = setTimeout(() => void check(), checkEveryMs);
  timer.unref();

  function seen(now: string | null, tookMs: number): void {
    isGone = now !== null && tookMs >= inVainMs;
    if (now === trouble) return;
    const wasHealthy = trouble === null;
    trouble = now;
    if (now === null) {
      log?.info({}, 'the audit record can be written again');
      retryMs = FIRST_RETRY_MS;
      onHealed();
      return;
    }
    log?.error({ reason: now }, 'the audit record cannot be written');
    if (wasHealthy) schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    if (closed || checking) return;
    timer = setTimeout(() => void check(), trouble === null ? checkEveryMs : retryMs);
    timer.unref();
  }

  async function check(): Promise<void> {
    checking = true;
    // A healthy record is only looked at; a troubled one has to show that a commit works.
    const writing = trouble !== null;
    const began = performance.now();
    if (writing) retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    try {
      await probe(writing);
      // What failed meanwhile is not refuted by a look.
      if (writing || trouble === null) seen(null, 0);
    } catch (error) {
      seen(error instanceof Error ? error.message : String(error), performance.now() - began);
    }
    checking = false;
    schedule();
  }

  return {
    seen,
    health: () => (trouble === null ? { ok: true } : { ok: false, reason: trouble }),
    gone: () => (isGone ? trouble : null),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
