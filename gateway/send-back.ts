/** Sends a person who asked for a page that is off-limits back to where they were, where there is such a place. */
import type { Answer } from './answer.ts';
import { newsCookie } from './news.ts';
import { pageBefore } from './page-before.ts';
import type { Parts } from './parts.ts';
import { isPage } from './seat.ts';
import type { ActAsSession } from './sessions/index.ts';
import type { Settled } from './settle/settle.ts';
import { settlePath } from '../policy/index.ts';

/** Whether the request is one that can be answered so: somebody goes to a page, and did not send anything. */
export function canBeSentBack(request: Settled): boolean {
  return request.method === 'GET' && isPage(request);
}

/**
 * Null where every way back is off-limits itself: a page that sends to a page that sends back would never end.
 * @param rule id of the rule that speaks
 */
export function sendBack(rule: string, request: Settled, session: ActAsSession, parts: Parts): Answer | null {
  if (!canBeSentBack(request)) return null;
  const before = pageBefore(request, parts);
  const { landOn } = parts.policy().termsOf(session.actor, session.subject);
  const to = [before, landOn].find(
    (path) => path !== null && path !== request.target && isOpen(path, session, parts),
  );
  if (to === undefined || to === null) return null;
  return {
    status: 303,
    headers: [
      'location',
      to,
      'cache-control',
      'no-store',
      'x-request-id',
      request.id,
      'set-cookie',
      newsCookie({ kind: 'sent_back', rule }),
      'content-length',
      '0',
    ],
    body: Buffer.alloc(0),
  };
}

function isOpen(target: string, session: ActAsSession, parts: Parts): boolean {
  const [path = '', query = ''] = target.split('?', 2);
  const settled = settlePath(path);
  if (settled.faults.length > 0) return false;
  const { effect } = parts.policy().decide({
    side: 'acting',
    method: 'GET',
    path: settled,
    query: query === '' ? '' : `?${query}`,
    header: () => null,
    body: null,
    actor: session.actor,
    subject: session.subject,
    mode: session.mode,
    locked: session.locked,
    sessionId: session.id,
  });
  return effect === 'allow' || effect === 'audit';
}
