/** Turns what happens to a link into rows of the record; they stand together under the link's own id. */
import type { NewAuditEvent } from '../../audit-store/index.ts';
import type { Details, HttpFacts } from '../record/events.ts';
import type { ActAsLink, LinkPerson } from './link.ts';

export type LinkDeed = 'link_created' | 'link_revoked' | 'link_used' | 'link_refused';

/** @param by who did it, or tried to */
export function linkEvent(
  link: ActAsLink,
  deed: LinkDeed,
  by: LinkPerson,
  http: HttpFacts,
  details: Details = {},
): NewAuditEvent {
  const refused = deed === 'link_refused';
  return {
    event: refused ? 'blocked' : 'action',
    outcome: refused ? 'blocked' : 'ok',
    sessionId: link.id,
    actor: { id: by.id, name: by.name, email: by.email },
    subject: link.subject,
    market: link.market,
    statusCode: http.statusCode,
    method: http.method,
    path: http.path,
    action: deed,
    reason: null,
    ipAddress: http.ipAddress,
    userAgent: http.userAgent,
    requestId: http.requestId,
    rule: null,
    details: { ...details, made_for: link.actorId },
  };
}
