/** Knows, for one group, which starts, ends and completions the record has already, and which intents there are. */
import type { NewAuditEvent } from '../audit-store.ts';
import type { PendingEntry, WriteResult } from '../pending-entry.ts';
import { type Connection, rows } from './database.ts';

type Why = Extract<WriteResult, { written: false }>['why'];

export type Taken = {
  /** Why this event cannot be written, or null; then what it takes is taken for the events after it. */
  refuses(event: NewAuditEvent, completes: number | null): Why | null;
};

const SESSIONS = `SELECT e.session_id, e.event FROM entries e
  WHERE e.session_id = ANY ($1::text[]) AND e.kind = 'event' AND e.event IN ('start', 'stop', 'expired')`;
const INTENTS = `SELECT e.seq, EXISTS (SELECT 1 FROM entries c WHERE c.completes = e.seq) AS completed
  FROM entries e WHERE e.seq = ANY ($1::bigint[]) AND e.kind = 'intent'`;

export async function readTaken(connection: Connection, group: readonly PendingEntry[]): Promise<Taken> {
  const events = group.flatMap((pending) => (pending.kind === 'event' ? [pending] : []));
  const edges = events.flatMap(({ event }) => (edgeOf(event) === null ? [] : [event.sessionId]));
  const completing = events.flatMap(({ completes }) => (completes === null ? [] : [completes]));
  const [known, intents] = await Promise.all([
    edges.length === 0 ? [] : rows<{ session_id: string; event: string }>(connection, SESSIONS, [edges]),
    completing.length === 0
      ? []
      : rows<{ seq: number; completed: boolean }>(connection, INTENTS, [completing]),
  ]);
  const taken = new Set(
    known.map(({ session_id, event }) => key(event === 'start' ? 'start' : 'end', session_id)),
  );
  const open = new Set(intents.filter(({ completed }) => !completed).map(({ seq }) => seq));
  const there = new Set(intents.map(({ seq }) => seq));

  return {
    refuses(event, completes) {
      const edge = edgeOf(event);
      if (completes !== null && !there.has(completes)) return 'no_such_intent';
      if (completes !== null && !open.has(completes)) return 'repeated';
      if (edge !== null && taken.has(key(edge, event.sessionId))) return 'repeated';
      if (completes !== null) open.delete(completes);
      if (edge !== null) taken.add(key(edge, event.sessionId));
      return null;
    },
  };
}

/** What a session has one of. */
function edgeOf({ event }: NewAuditEvent): 'start' | 'end' | null {
  if (event === 'start') return 'start';
  return event === 'stop' || event === 'expired' ? 'end' : null;
}

const key = (edge: 'start' | 'end', sessionId: string): string => `${edge} ${sessionId}`;
