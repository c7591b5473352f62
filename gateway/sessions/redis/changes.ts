/** Changing a session in Redis: made from what stands there, and made anew if somebody else was quicker. */
import { changed } from '../session.ts';
import { SessionsUnavailableError, type SessionStore } from '../session-store.ts';
import { openSession, parseReply, replies } from './replies.ts';
import type { StoreParts } from './store-parts.ts';

/** Instances that change one session at the same moment take turns. */
const MOST_ATTEMPTS = 20;

export function createChanges({ run, sealed, replica }: StoreParts): SessionStore['change'] {
  return async (id, change, now) => {
    let before = '';
    let after = '';
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const reply = parseReply(replies.replace, await run('replace', [id, before, after], { now }));
      if (reply[0] === 'none' || replica.endedById(id) !== null) return null;
      const [facts, idle] = reply[0] === 'kept' ? [after, reply[1]] : [reply[1], reply[2]];
      const session = openSession(sealed, id, facts, idle);
      replica.relearn(session);
      if (reply[0] === 'kept') return session;
      const next = changed(session, change);
      if (next === session) return session;
      before = facts;
      after = sealed.close(next);
    }
    throw new SessionsUnavailableError('a session changed faster than it could be changed');
  };
}
