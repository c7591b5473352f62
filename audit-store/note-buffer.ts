/** Gathers decisions and writes them many at a time; bounded, and the trace itself says how many it had to drop. */
import { type DecisionNote, LOST } from './audit-store.ts';

export type NoteBuffer = {
  add(note: DecisionNote): void;
  /** Writes what is gathered; what cannot be written stays or, at the end, is dropped and counted. */
  close(): Promise<void>;
  dropped(): number;
};

export type NoteBufferOptions = {
  readonly write: (notes: readonly DecisionNote[]) => Promise<unknown>;
  /** Told of losses: how many since the last time. */
  readonly onDropped: (count: number) => void;
  readonly maxNotes: number;
};

const GROUP = 1000;
/** Characters of paths in a group: whoever asks for them chooses how long they are, and a group is read in one piece. */
const GROUP_PATHS = 256 * 1024;
const WAIT_MS = 200;
/** After a failure; each attempt on a locked file holds the writing thread up for a moment. */
const RETRY_MS = 1000;

export function noteBuffer(options: NoteBufferOptions): NoteBuffer {
  const notes: DecisionNote[] = [];
  let dropped = 0;
  let untold = 0;
  const lost = new Map<string, { readonly since: number; count: number }>();
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> | null = null;

  function drop(unwritten: readonly DecisionNote[]): void {
    dropped += unwritten.length;
    untold += unwritten.length;
    for (const { sessionId, at } of unwritten) {
      const known = lost.get(sessionId);
      if (known) known.count += 1;
      else if (lost.size < options.maxNotes) lost.set(sessionId, { since: at, count: 1 });
    }
  }

  /** In the place of what was dropped, behind what was gathered before it. */
  function markLost(): void {
    for (const [sessionId, { since, count }] of lost) {
      const decisions = count === 1 ? '1 decision' : `${count} decisions`;
      notes.push(lostNote(sessionId, since, `${decisions} could not be written in time`));
    }
    lost.clear();
  }

  function tell(): void {
    if (untold > 0) options.onDropped(untold);
    untold = 0;
  }

  /** Whether the oldest group is on disk. */
  async function flush(): Promise<boolean> {
    const group = firstGroup(notes);
    try {
      await options.write(group);
      notes.splice(0, group.length);
      markLost();
      tell();
      return true;
    } catch {
      return false;
    }
  }

  function schedule(delay: number): void {
    if (timer !== null || flushing !== null || notes.length === 0) return;
    timer = setTimeout(run, delay);
    timer.unref();
  }

  function run(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    flushing ??= flushAndGoOn();
  }

  async function flushAndGoOn(): Promise<void> {
    const done = await flush();
    flushing = null;
    schedule(!done ? RETRY_MS : notes.length >= GROUP ? 0 : WAIT_MS);
  }

  return {
    add(note) {
      if (notes.length >= options.maxNotes) {
        drop([note]);
        return;
      }
      notes.push(note);
      if (notes.length === GROUP) run();
      else schedule(WAIT_MS);
    },
    async close() {
      await flushing;
      if (timer) clearTimeout(timer);
      timer = null;
      while (notes.length > 0 && (await flush()));
      drop(notes);
      notes.length = 0;
      tell();
    },
    dropped: () => dropped,
  };
}

function firstGroup(notes: readonly DecisionNote[]): readonly DecisionNote[] {
  let [size, paths] = [0, 0];
  for (const { path } of notes) {
    paths += path.length;
    if (size === GROUP || (size > 0 && paths > GROUP_PATHS)) break;
    size += 1;
  }
  return notes.slice(0, size);
}

/** Stands in the trace for decisions that are not in it. */
export function lostNote(sessionId: string, at: number, reason: string): DecisionNote {
  return {
    at,
    sessionId,
    side: 'acting',
    requestId: '',
    method: '',
    path: '',
    effect: LOST,
    rule: null,
    reason,
    statusCode: null,
  };
}
