/** Gives every intent and session that an earlier run left open its end on the record; may be repeated at will. */
import type { AuditEvent, NewAuditEvent } from './audit-store.ts';

export type Recovered = { readonly intents: number; readonly sessions: number };

/** The seq up to which the last recovery found everything complete, the first still open one now, and the last. */
export type Marks = { readonly settled: number; readonly firstOpen: number | null; readonly last: number };

/** What has no end on the record, oldest first, a page at a time. */
export type OpenEnds = {
  marks(): Promise<Marks>;
  /** Intents of other runs than `run`. */
  openIntents(run: string, after: number): Promise<readonly AuditEvent[]>;
  openSessions(after: number): Promise<readonly AuditEvent[]>;
};

export type RecoverOptions = {
  readonly reader: OpenEnds;
  readonly append: (event: NewAuditEvent, completes?: number) => Promise<AuditEvent | null>;
  /** Adds the entry that says what was recovered, and from where the next recovery has to look. */
  readonly conclude: (facts: Recovered & { readonly settled: number }) => Promise<unknown>;
  readonly run: string;
  readonly isLive: (sessionId: string) => boolean;
  /** Told of each session that an earlier run left open, live or not. */
  readonly onOpenSession: (sessionId: string) => void;
};

/** Even when nothing was open, so many entries later a new mark saves the next start from reading them all again. */
const MARK_EVERY = 10_000;

export async function recover(options: RecoverOptions): Promise<Recovered> {
  const { reader, append, conclude, run, isLive, onOpenSession } = options;
  const { settled } = await reader.marks();

  const intents = await eachPage(
    settled,
    (after) => reader.openIntents(run, after),
    (intent) => append(unknownOutcome(intent), intent.seq),
  );
  const sessions = await eachPage(
    settled,
    (after) => reader.openSessions(after),
    async (start) => {
      onOpenSession(start.sessionId);
      return isLive(start.sessionId) ? null : append(gatewayRestarted(start));
    },
  );

  const now = await reader.marks();
  const reached = now.firstOpen === null ? now.last : now.firstOpen - 1;
  if (intents > 0 || sessions > 0 || reached - settled >= MARK_EVERY) {
    await conclude({ intents, sessions, settled: reached });
  }
  return { intents, sessions };
}

async function eachPage(
  start: number,
  read: (after: number) => Promise<readonly AuditEvent[]>,
  end: (open: AuditEvent) => Promise<AuditEvent | null>,
): Promise<number> {
  let count = 0;
  let after = start;
  for (;;) {
    const page = await read(after);
    const ended = await Promise.all(page.map((open) => end(open)));
    count += ended.filter((event) => event !== null).length;
    const last = page.at(-1);
    if (!last) return count;
    after = last.seq;
  }
}

function unknownOutcome(intent: AuditEvent): NewAuditEvent {
  return {
    ...facts(intent),
    event: 'action',
    outcome: 'error',
    details: { ...intent.details, note: 'the outcome is unknown' },
  };
}

/** Nobody sent a request for this end, so nothing of one is claimed. */
function gatewayRestarted(start: AuditEvent): NewAuditEvent {
  return {
    ...facts(start),
    event: 'expired',
    outcome: 'ok',
    action: 'gateway_restarted',
    statusCode: null,
    method: null,
    path: null,
    reason: null,
    ipAddress: null,
    userAgent: null,
    requestId: null,
    rule: null,
    details: {},
  };
}

function facts({ seq: _seq, createdAt: _createdAt, hash: _hash, ...event }: AuditEvent): NewAuditEvent {
  return event;
}
