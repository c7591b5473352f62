/** What readers of the record get: a page of events, or everything of one session. */
import type { AuditEvent, DecisionNote } from './audit-store.ts';

export type Page = { readonly beforeSeq?: number; readonly limit: number };
export type EventPage = { readonly events: readonly AuditEvent[]; readonly next: number | null };
export type SessionRecord = {
  readonly events: readonly AuditEvent[];
  /** The first of them. */
  readonly decisions: readonly DecisionNote[];
  /** Of all of them; whoever sends requests makes them, as many as they like. */
  readonly decisionCount: number;
};

export const MOST_DECISIONS = 1000;

const MOST = 1000;

/** @throws RangeError for a page that is too long, or none */
export function checkPage({ limit }: Page): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new RangeError(`a page has 1 to ${MOST} events, not ${limit}`);
}
