/** Decisions of one session as one text, and back: on their way to the writing thread and in the record's file. */
import { z } from 'zod';
import type { DecisionNote } from '../audit-store.ts';
import { lostNote } from '../note-buffer.ts';

export type PackedNotes = {
  readonly sessionId: string;
  /** Of the oldest and the newest, milliseconds UTC. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly decisions: number;
  /** A JSON array with an array for each decision. */
  readonly packed: string;
};

/**
 * A block for each session, its decisions in their order. One text costs a tenth of what copying hundreds of objects does,
 * and every acting request makes one.
 */
export function packNotes(notes: readonly DecisionNote[]): readonly PackedNotes[] {
  const bySession = Map.groupBy(notes, ({ sessionId }) => sessionId);
  return Array.from(bySession, ([sessionId, own]) => {
    let firstAt = Infinity;
    let lastAt = -Infinity;
    for (const { at } of own) {
      firstAt = Math.min(firstAt, at);
      lastAt = Math.max(lastAt, at);
    }
    return { sessionId, firstAt, lastAt, decisions: own.length, packed: JSON.stringify(own.map(fieldsOf)) };
  });
}

function fieldsOf(note: DecisionNote): readonly unknown[] {
  const { at, side, requestId, method, path, effect, rule, reason, statusCode } = note;
  return [at, side, requestId, method, path, effect, rule, reason, statusCode];
}

const block = z.array(
  z.tuple([
    z.number(),
    z.enum(['acting', 'assisted']),
    z.string(),
    z.string(),
    z.string(),
    z.string(),
    z.string().nullable(),
    z.string(),
    z.number().nullable(),
  ]),
);

/** What cannot be read says so in its place. */
export function unpackNotes({
  sessionId,
  firstAt,
  packed,
}: Pick<PackedNotes, 'sessionId' | 'firstAt' | 'packed'>): readonly DecisionNote[] {
  const read = block.safeParse(parsed(packed));
  if (!read.success) return [lostNote(sessionId, firstAt, 'what stands here cannot be read')];
  return read.data.map(([at, side, requestId, method, path, effect, rule, reason, statusCode]) => ({
    at,
    sessionId,
    side,
    requestId,
    method,
    path,
    effect,
    rule,
    reason,
    statusCode,
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
