/** The live sessions a reviewer may see; null when nobody can say, and the log stays readable without them. */
import type { AdminUiDeps, LiveSession } from './deps.ts';
import { maySee, type Scope } from './scope.ts';

export async function liveWithin(
  { liveSessions, log }: Pick<AdminUiDeps, 'liveSessions' | 'log'>,
  scope: Scope,
): Promise<readonly LiveSession[] | null> {
  try {
    return (await liveSessions()).filter((session) => maySee(scope, session.market));
  } catch (error) {
    log.warn({ err: error }, 'live sessions could not be listed');
    return null;
  }
}
