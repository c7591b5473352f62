/** Keeps what an instance knows by heart in step with Redis: published changes, and a whole reading where some were missed. */
import { SessionsUnavailableError, type EndedSession } from '../session-store.ts';
import type { RedisClient } from './connect.ts';
import { readChange } from './published-change.ts';
import { openEnded, openSession, parseReply, replies } from './replies.ts';
import type { StoreParts } from './store-parts.ts';

export type FollowDeps = StoreParts & {
  readonly changes: RedisClient;
  readonly channel: string;
  /** A session that is in Redis although its end was heard of: a server lost the end. */
  readonly endAgain: (ended: EndedSession) => Promise<void>;
  /** A session that Redis does not know any more at all. */
  readonly lost: (id: string) => Promise<void>;
};

export type Follow = {
  /** Reads everything anew. Rejects with `SessionsUnavailableError`. */
  resync(): Promise<void>;
  /** Told at each beat the version that Redis is at: reads everything anew if published changes are missing. */
  expect(version: number): void;
  /** Somebody saw that something is not as it is known here. */
  doubt(): void;
  /** Whether changes arrive, and whether everything was read since they do. */
  listens(): boolean;
  inStep(): boolean;
  /** Resolves when it is for the first time, or after so many milliseconds. */
  firstInStep(patienceMs: number): Promise<void>;
  close(): void;
};

/** How long a published change may take longer than the answer that names it. */
const LATE_MS = 250;
const CHUNK = 200;
/** Each beat is published as well: an instance that hears nothing after so many is listening to a dead connection. */
const MOST_UNHEARD = 4;

export function follow(deps: FollowDeps): Follow {
  const { changes, channel, run, sealed, replica } = deps;
  let subscribed = false;
  let synced = false;
  /** The version up to which every change was heard, and the one that Redis was at already at the last beat. */
  let seen = -1;
  let least = 0;
  let unheard = 0;
  let reading: Promise<void> | null = null;
  /** Whether facts of sessions that are known already may have changed unheard. */
  let stale = false;
  /** How many changes were told and could not be read, sealed with a key not known here, and how many a whole reading has made up for. */
  let unread = 0;
  let madeUpFor = 0;
  const first = Promise.withResolvers<void>();
  let late: ReturnType<typeof setTimeout> | undefined;

  const inBackground = (work: Promise<void>): void => void work.catch(deps.trouble);

  function resync(): Promise<void> {
    reading ??= readAll().finally(() => {
      reading = null;
    });
    return reading;
  }

  async function readAll(): Promise<void> {
    const before = subscribed;
    const missed = unread;
    const again = stale || missed > madeUpFor;
    const [version, scored] = parseReply(replies.live, await run('live', [], { probe: true }));
    const there = new Set<string>();
    const unknown: string[] = [];
    for (let index = 0; index < scored.length; index += 2) {
      const id = scored[index] ?? '';
      const idle = Number(scored[index + 1]);
      there.add(id);
      const end = replica.endedById(id);
      if (end !== null) await deps.endAgain(end);
      else {
        if (again || replica.byId(id) === null) unknown.push(id);
        if (idle === 0) replica.expire(id);
        else replica.slide(id, idle);
      }
    }
    for (let from = 0; from < unknown.length; from += CHUNK) {
      const answer = await run('facts', unknown.slice(from, from + CHUNK));
      for (const [id, facts, idle] of parseReply(replies.facts, answer))
        replica.relearn(openSession(sealed, id, facts, idle));
    }
    for (const session of replica.all()) {
      if (!there.has(session.id)) await missing(session.id, session.tokenHash);
    }
    seen = Math.max(seen, version);
    if (again) stale = false;
    madeUpFor = missed;
    if (!before) return;
    synced = true;
    first.resolve();
  }

  /** Not in what was read: it has ended, began only now, or was lost. */
  async function missing(id: string, tokenHash: string): Promise<void> {
    const found = parseReply(replies.find, await run('find', [tokenHash]));
    if (found[0] === 'none') await deps.lost(id);
    else if (found[0] === 'ended') replica.end(openEnded(sealed, found));
  }

  function hear(text: string): void {
    const data = readChange(text);
    if (data === null) return;
    // The channel keeps its order: what is left out does not come any more.
    const missed = seen >= 0 && data.v > seen + (data.k === 'beat' ? 0 : 1);
    seen = Math.max(seen, data.v);
    if (missed) inBackground(readAnew());
    switch (data.k) {
      case 'start':
        return replica.learn(openSession(sealed, data.id, data.f, data.i));
      case 'facts':
        return replica.relearn(openSession(sealed, data.id, data.f, data.i));
      case 'touch':
        return replica.slide(data.id, data.i);
      case 'end':
        return replica.end(openEnded(sealed, ['ended', data.id, data.f, data.i, data.w, data.e]));
      case 'beat':
        return;
    }
  }

  function expect(version: number): void {
    unheard += 1;
    if (subscribed && unheard > MOST_UNHEARD) {
      onClose();
      changes.disconnect(true);
    }
    // A server without the last changes has taken over: what it does not know must be looked at.
    if (version < least) inBackground(readAnew());
    least = Math.max(version, seen);
    if (version <= seen || late !== undefined) return;
    late = setTimeout(() => {
      late = undefined;
      if (seen < version) inBackground(readAnew());
    }, LATE_MS);
    late.unref();
  }

  async function readAnew(): Promise<void> {
    await reading?.catch(() => undefined);
    seen = -1;
    stale = true;
    await resync();
  }

  async function listen(): Promise<void> {
    try {
      await changes.subscribe(channel);
    } catch (error) {
      throw new SessionsUnavailableError('Redis lets nobody listen', { cause: error });
    }
    subscribed = true;
    unheard = 0;
    await readAnew();
  }

  const onMessage = (_channel: string, text: string): void => {
    unheard = 0;
    try {
      hear(text);
    } catch (error) {
      unread += 1;
      deps.trouble(error);
      // Where that does not help, each beat tries again.
      inBackground(resync());
    }
  };
  const onReady = (): void => {
    inBackground(listen());
  };
  const onClose = (): void => {
    subscribed = false;
    synced = false;
  };
  changes.on('message', onMessage);
  changes.on('ready', onReady);
  changes.on('close', onClose);

  return {
    resync,
    expect,
    doubt: () => inBackground(resync()),
    listens: () => subscribed,
    inStep: () => subscribed && synced && madeUpFor === unread,
    async firstInStep(patienceMs) {
      const patience = setTimeout(first.resolve, patienceMs);
      await first.promise;
      clearTimeout(patience);
    },
    close() {
      clearTimeout(late);
      changes.off('message', onMessage);
      changes.off('ready', onReady);
      changes.off('close', onClose);
    },
  };
}
