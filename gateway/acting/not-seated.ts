/** Asks the app for its own word on whose seat a session that begins is in; without it the session does not last. */
import type { Parts } from '../parts.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { SessionsUnavailableError, type ActAsSession } from '../sessions/index.ts';
import type { Seated } from './canary.ts';
import { endSession } from './end-session.ts';

/** Why it is not certain whose seat it is. Nobody holds the session's cookie yet: not ended here, it would last for its whole time. */
export async function notSeated(session: ActAsSession, parts: Parts): Promise<Refusal | null> {
  let seated: Seated | null = null;
  try {
    seated = await parts.canary.ask(session);
  } catch (error) {
    if (!(error instanceof SessionsUnavailableError)) throw error;
  } finally {
    if (seated !== 'subject') await endSession(session.id, 'wrong_seat', null, parts);
  }
  switch (seated) {
    case 'subject':
      return null;
    case 'someone_else':
      return refusal('delegation_refused', { subject: session.subject.name });
    case 'unavailable':
      return refusal('upstream_unreachable');
    case null:
      return refusal('sessions_unavailable');
  }
}
