/** Asks the directory what the subject of a live session is by now: who is promoted, moved or deactivated is left at once. */
import type { Directory, DirectoryAnswer } from '../directory/index.ts';
import type { Credential, Identity } from '../identity/index.ts';
import { createRememberedAnswers } from '../identity/remembered-answers.ts';
import type { ActAsSession } from '../sessions/index.ts';

export type SubjectCheck = {
  /**
   * At once where the answer is remembered.
   * @param maxAgeMs oldest answer that will do, in milliseconds; 0 asks anew. Asked as the actor. Never rejects.
   */
  ask(
    session: ActAsSession,
    credential: Credential,
    maxAgeMs: number,
  ): DirectoryAnswer<Identity> | Promise<DirectoryAnswer<Identity>>;
};

const KEPT_MS = 60_000;
const MOST_KEPT = 5_000;

export function createSubjectCheck(directory: Pick<Directory, 'fetch'>, clock: () => number): SubjectCheck {
  const remembered = createRememberedAnswers<DirectoryAnswer<Identity>>({
    clock,
    most: MOST_KEPT,
    keepForMs: (answer) => (answer.kind === 'found' ? KEPT_MS : 0),
    isWord: (answer) => answer.kind !== 'unavailable',
  });
  return {
    ask: (session, credential, maxAgeMs) =>
      remembered.ask(session.id, maxAgeMs, () => directory.fetch(session.subject.id, credential)),
  };
}
