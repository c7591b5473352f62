/** Ending a session in Redis: claimed there where Redis answers, and known here for good whether it does or not. */
import { randomUUID } from 'node:crypto';
import { whyEnded, type SessionEnd } from '../session.ts';
import { SessionsUnavailableError, type EndedSession } from '../session-store.ts';
import { openEnded, parseReply, replies } from './replies.ts';
import type { RunScript, StoreParts } from './store-parts.ts';

export type EndsDeps = StoreParts & {
  /** On a connection of its own, for {@link reachedReplica}. */
  readonly runEnd: RunScript;
  /** Whether what was last written there is on a replica by now; null where there is none. Never rejects. */
  readonly reachedReplica: () => Promise<boolean | null>;
};

export type Ends = {
  readonly end: (id: string, why: SessionEnd, now: number) => Promise<EndedSession | null>;
  /** Ends anew what a server brought back to life. Its row was owed, or written, before. */
  readonly endAgain: (ended: EndedSession) => Promise<void>;
  /** Claims the end of a session that Redis forgot. */
  readonly lost: (id: string) => Promise<EndedSession | null>;
  /** Makes sure that a start of which nobody knows whether it took place did not. */
  readonly abandon: (id: string, tokenHash: string) => void;
  readonly acknowledge: (id: string) => Promise<void>;
};

export function createEnds(deps: EndsDeps): Ends {
  const { run, runEnd, sealed, replica, retries, log } = deps;

  async function askToEnd(args: readonly string[], now: number): Promise<unknown> {
    try {
      return await runEnd('end', args, { now });
    } catch (error) {
      if (!(error instanceof SessionsUnavailableError)) throw error;
      // That connection alone may be dead; the same operation asked twice claims one end.
      return await run('end', args, { now });
    }
  }

  async function claim(
    id: string,
    why: SessionEnd,
    operation: string,
    now: number,
  ): Promise<EndedSession | null> {
    const reply = parseReply(replies.end, await askToEnd([id, why, operation], now));
    if (reply[0] === 'none') return null;
    void checkReplica(id);
    return openEnded(sealed, reply);
  }

  /** If this server fails now, the session may come back; every instance that heard of its end turns it away. */
  async function checkReplica(id: string): Promise<void> {
    const reached = await deps.reachedReplica();
    if (reached === false) log.warn({ session_id: id }, 'the end of a session is not on a replica yet');
  }

  /** Redis cannot say who claims it; the record takes one end a session, whoever writes it. */
  function endHere(id: string, why: SessionEnd, operation: string, now: number): EndedSession | null {
    const session = replica.byId(id);
    if (session === null) return null;
    const timeout = whyEnded(session, now);
    const ended: EndedSession =
      timeout === null
        ? { session, why, endedAt: now }
        : { session, why: timeout, endedAt: session.idleExpiresAt };
    replica.end(ended);
    retries.add(`end ${id}`, async () => void (await claim(id, why, operation, deps.now())));
    return ended;
  }

  return {
    async end(id, why, now) {
      if (replica.endedById(id) !== null) return null;
      const operation = randomUUID();
      try {
        const ended = await claim(id, why, operation, now);
        if (ended !== null) replica.end(ended);
        return ended;
      } catch (error) {
        if (!(error instanceof SessionsUnavailableError)) throw error;
        // Another caller may have ended it meanwhile.
        if (replica.endedById(id) !== null) return null;
        const ended = endHere(id, why, operation, now);
        if (ended === null) throw error;
        return ended;
      }
    },

    async endAgain({ session, why }) {
      const ended = await claim(session.id, why, randomUUID(), deps.now());
      if (ended === null) return;
      log.warn({ session_id: session.id }, 'a session that had ended was alive in Redis again');
      await run('acknowledge', [session.id]);
    },

    async lost(id) {
      const session = replica.byId(id);
      if (session === null) return null;
      const { tokenHash, actor, subject, idleExpiresAt, absoluteExpiresAt } = session;
      const expiries = [String(idleExpiresAt), String(absoluteExpiresAt)];
      const args = [id, tokenHash, actor.id, subject.id, ...expiries, sealed.close(session), randomUUID()];
      const reply = parseReply(replies.lose, await run('lose', args));
      if (reply[0] === 'none') return null;
      const ended = openEnded(sealed, reply);
      log.warn({ session_id: id, why: ended.why }, 'a session is gone from Redis');
      replica.end(ended);
      return ended;
    },

    abandon(id, tokenHash) {
      retries.add(`start ${id}`, async () => void (await runEnd('abandon', [id, tokenHash])));
    },

    async acknowledge(id) {
      try {
        await run('acknowledge', [id]);
      } catch (error) {
        if (!(error instanceof SessionsUnavailableError)) throw error;
        retries.add(`row ${id}`, async () => void (await run('acknowledge', [id])));
      }
    },
  };
}
