/** Where copies of checkpoints go: a file of their own, or a web address. Trouble there is told, and stops nothing. */
import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditLog } from './audit-log.ts';

export type CheckpointSender = {
  /** Returns at once. */
  send(note: string): void;
  close(): Promise<void>;
};

/** Each waits for the one before, so that a file is never written by two at once; and nobody waits for any. */
function inTurn(
  deliver: (note: string) => Promise<void>,
  onTrouble: (error: unknown) => void,
): CheckpointSender {
  let waiting: string[] = [];
  let working: Promise<void> | null = null;
  async function work(): Promise<void> {
    for (let note = waiting.shift(); note !== undefined; note = waiting.shift()) {
      await deliver(note).catch(onTrouble);
    }
    working = null;
  }
  return {
    send(note) {
      // A later checkpoint covers what an earlier one does, so the newest are the ones to keep.
      waiting = [...waiting, note].slice(-MOST_WAITING);
      working ??= work();
    },
    async close() {
      await Promise.race([working, sleep(LAST_CHANCE_MS, undefined, { ref: false })]);
    },
  };
}

const MOST_WAITING = 100;
/** A gateway that stops waits no longer than this for copies. */
const LAST_CHANCE_MS = 3_000;

/** Adds each note to the end of the file, which it makes if need be (0600). */
export function fileSender(file: string, log: AuditLog): CheckpointSender {
  return inTurn(
    (note) => appendFile(file, note, { mode: 0o600, flush: true }),
    (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ file, reason }, 'a checkpoint could not be added to its file');
    },
  );
}

export type WebhookOptions = {
  /** May hold a secret: it is never told to anybody. */
  readonly url: string;
  readonly log: AuditLog;
  /** Milliseconds between attempts; one attempt more than there are numbers. */
  readonly pausesMs?: readonly number[];
  readonly timeoutMs?: number;
};

/** Posts each note as text; what is not taken after the last attempt is left out, the next checkpoint covers it. */
export function webhookSender({ url, log, ...options }: WebhookOptions): CheckpointSender {
  const pauses = options.pausesMs ?? [1_000, 5_000, 30_000];
  const timeoutMs = options.timeoutMs ?? 5_000;
  const closing = new AbortController();

  async function attempt(note: string): Promise<string | null> {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: note,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      await answer.body?.cancel();
      return answer.ok ? null : `it answered ${answer.status}`;
    } catch (error) {
      // The text of the error may quote the address.
      return error instanceof Error && error.name === 'TimeoutError'
        ? 'it did not answer in time'
        : 'it was not reached';
    }
  }

  async function deliver(note: string): Promise<void> {
    let reason = await attempt(note);
    for (const pause of pauses) {
      if (reason === null || closing.signal.aborted) break;
      await paused(pause, closing.signal);
      reason = await attempt(note);
    }
    if (reason !== null) log.error({ reason }, 'a checkpoint was not taken by the configured address');
  }

  const sender = inTurn(deliver, () => undefined);
  return {
    send: (note) => sender.send(note),
    close() {
      closing.abort();
      return sender.close();
    },
  };
}

/** Ends early when it is time to go: one attempt more, and no pauses. */
async function paused(ms: number, until: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: until }).catch(() => undefined);
}
