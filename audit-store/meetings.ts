/** Who dealt with whom, in which market, by which kinds of events and from when to when: one row for all their entries. */
import type { AuditFilter } from './audit-store.ts';
import type { EntryRow } from './check-entry.ts';
import { type AuditEventName, type AuditOutcome, EVENT_NAMES, OUTCOMES } from './event-names.ts';
import type { Finding } from './record-problem.ts';
import { type Bounds, kindsOf, type Stretches } from './stretches.ts';

export type Meeting = {
  readonly actor: number;
  readonly subject: number;
  /** Empty for none. */
  readonly market: string;
  /** A bit for each kind of event there is of it. */
  readonly kinds: number;
  /** No entry of it stands before. */
  readonly first: number;
  /** One of its newest entries: none stands {@link LAG} or more behind it. */
  readonly newest: number;
};

/** Of a row, whose it is and its kinds. */
export type MeetingRow = {
  readonly actor_ref: number;
  readonly subject_ref: number;
  readonly market_id: string;
  readonly kinds: number;
};

/** A row is written anew only where its newest entry is so far behind: hardly more than once in a session. */
export const LAG = 4096;
/** Leaves room for outcomes there are not yet. */
const OUTCOMES_OF_EVENT = 4;
/** What one walk remembers is bounded. */
const MOST_REMEMBERED = 200_000;

/** SQL for the bit of a kind of event, the same in both databases. It stands in released tables: a new kind needs a new version. */
export function kindBit(event: string, outcome: string): string {
  return `(1 << (CASE ${event} WHEN 'start' THEN 0 WHEN 'stop' THEN 4 WHEN 'action' THEN 8 WHEN 'blocked' THEN 12
    WHEN 'expired' THEN 16 END + CASE ${outcome} WHEN 'ok' THEN 0 WHEN 'blocked' THEN 1 WHEN 'error' THEN 2 END))`;
}

/** What {@link kindBit} computes. */
export function bitOf(event: AuditEventName, outcome: AuditOutcome): number {
  return 1 << (EVENT_NAMES.indexOf(event) * OUTCOMES_OF_EVENT + OUTCOMES.indexOf(outcome));
}

/** The bits of all kinds that the filter lets through. */
export function kindBits(filter: AuditFilter): number {
  return kindsOf(filter)
    .map((kind) => bitOf(...kind))
    .reduce((all, bit) => all | bit, 0);
}

/** The stretches in which the entries of these pairs stand, each up to where it can end. */
export function meetingStretches(meetings: readonly Meeting[], { high }: Bounds): Stretches {
  const ends = new Map<string, { readonly pair: readonly [number, number]; readonly end: number }>();
  for (const { actor, subject, newest } of meetings) {
    const key = `${subject} ${actor}`;
    const end = Math.max(Math.min(high, newest + LAG - 1), ends.get(key)?.end ?? 0);
    ends.set(key, { pair: [subject, actor], end });
  }
  const all = [...ends.values()];
  return {
    index: 'entries_subject',
    columns: ['subject_ref', 'actor_ref'],
    values: all.map(({ pair }) => pair),
    ends: all.map(({ end }) => end),
  };
}

/** What of an entry its people's meeting has to tell of. */
export type Met = Pick<
  EntryRow,
  'seq' | 'kind' | 'actor_ref' | 'subject_ref' | 'market_id' | 'event' | 'outcome'
>;

/** For one walk: remembers meetings, and tells which of these entries none tells of. */
export function meetingMemory() {
  const known = new Map<string, Meeting>();
  return {
    untold: <Entry extends Met>(entries: readonly Entry[]): readonly Entry[] =>
      entries.filter((entry) => entry.kind === 'event' && !tells(known.get(keyOfEntry(entry)), entry)),
    learn(meetings: readonly Meeting[]): void {
      if (known.size > MOST_REMEMBERED) known.clear();
      for (const meeting of meetings)
        known.set(keyOf(meeting.actor, meeting.subject, meeting.market), meeting);
    },
  };
}

function tells(meeting: Meeting | undefined, { seq, event, outcome }: Met): boolean {
  if (meeting === undefined) return false;
  const bit = BITS.get(`${event} ${outcome}`) ?? 0;
  return (meeting.kinds & bit) !== 0 && meeting.first <= seq && seq < meeting.newest + LAG;
}

const BITS = new Map(kindsOf({}).map((kind) => [kind.join(' '), bitOf(...kind)]));

function keyOfEntry({ actor_ref, subject_ref, market_id }: Met): string {
  return keyOf(actor_ref, subject_ref, market_id ?? '');
}

function keyOf(actor: number | null, subject: number | null, market: string): string {
  return `${actor} ${subject} ${market}`;
}

export function untoldMeeting(seq: number): Finding {
  return {
    seq,
    problem: 'meeting_missing',
    detail:
      'that its two people dealt with each other then is not noted: a search for both would not find it',
  };
}
