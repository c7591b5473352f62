/** A record that may not be there yet: refuses what must be durable, says why, and opens by itself as soon as it can. */
import type { AuditLog } from './audit-log.ts';
import { type AuditStore, AuditUnavailableError, NoPlaceError, type PolicyChange } from './audit-store.ts';

export type OpenWhenPossibleOptions = {
  /** Opens the record and completes what an earlier run left open; whoever gets it may write at once. */
  readonly open: () => Promise<AuditStore>;
  /** Milliseconds between attempts; 2,000 when absent. */
  readonly retryMs?: number;
  readonly log?: AuditLog;
};

/**
 * Resolves after the first attempt, whatever came of it. Rejects only where waiting cannot help: with NoPlaceError, or
 * with an error that is none of the record's.
 */
export async function openWhenPossible(options: OpenWhenPossibleOptions): Promise<AuditStore> {
  const { open, log } = options;
  const retryMs = options.retryMs ?? 2000;
  let opened: AuditStore | null = null;
  let trouble = '';
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let untold: PolicyChange | null = null;
  let droppedNotes = 0;

  async function attempt(): Promise<void> {
    try {
      opened = await open();
      // The rules in force since before there was a record to say so.
      if (untold !== null) await opened.policyChanged(untold);
    } catch (error) {
      if (!(error instanceof AuditUnavailableError) || error instanceof NoPlaceError) throw error;
      if (opened === null) failed(error.message);
      else log?.error({ policy: untold?.hash }, 'a change of policy is not on the record');
    }
  }

  function failed(reason: string): void {
    if (trouble !== reason) log?.error({ reason }, 'the audit record cannot be opened; nobody can act');
    trouble = reason;
  }

  let trying = attempt();
  await trying;

  async function tryAgain(): Promise<void> {
    try {
      await attempt();
      if (opened !== null) log?.info({}, 'the audit record is open');
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
    again();
  }

  function again(): void {
    if (closed || opened !== null) return;
    timer = setTimeout(() => {
      trying = tryAgain();
    }, retryMs);
    timer.unref();
  }
  again();

  const unavailable = () => new AuditUnavailableError(closed ? 'the record is closed' : trouble);

  function store(): AuditStore {
    if (opened === null) throw unavailable();
    return opened;
  }

  function refused(): Promise<never> {
    return Promise.reject(unavailable());
  }

  return {
    // Waited for by every audited write, so with no promise more than the record's own.
    intend: (event) => (opened === null ? refused() : opened.intend(event)),
    append: (event, completes) => (opened === null ? refused() : opened.append(event, completes)),
    async policyChanged(change) {
      if (opened === null && change.problem === null) untold = change;
      await store().policyChanged(change);
    },
    note(note) {
      if (opened === null) droppedNotes += 1;
      else opened.note(note);
    },
    droppedNotes: () => droppedNotes + (opened?.droppedNotes() ?? 0),
    events: async (filter, page) => store().events(filter, page),
    csvLines: async (filter, page) => store().csvLines(filter, page),
    session: async (sessionId) => store().session(sessionId),
    recover: async (isLive) => store().recover(isLive),
    head: async () => store().head(),
    keepCheckpoint: async (checkpoint) => store().keepCheckpoint(checkpoint),
    // Whoever asks before there is a record asks again.
    follow: (listener) => opened?.follow(listener) ?? (() => undefined),
    turns: () => store().turns(),
    health: () => opened?.health() ?? { ok: false, reason: trouble },
    async close() {
      closed = true;
      clearTimeout(timer);
      await trying;
      await opened?.close();
    },
  };
}
