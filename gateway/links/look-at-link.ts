/** What a link comes to for whoever holds it now: a seat they may take, or the refusal that says why not. */
import { currentUser, notTheirs } from '../acting/start-session.ts';
import type { Credential, Identity } from '../identity/index.ts';
import type { Parts } from '../parts.ts';
import type { HttpFacts } from '../record/events.ts';
import { ACT_REFUSALS, refusal, type Refusal } from '../refusal.ts';
import { linkEvent } from './link-event.ts';
import { linkFault, linkSecretHash, type ActAsLink, type LinkFault } from './link.ts';
import { recordLink } from './record-link.ts';

export type Usable = { readonly link: ActAsLink; readonly actor: Identity; readonly subject: Identity };

const SPENT: Readonly<Record<LinkFault, string>> = {
  used: 'It was used already: each link is good for one session. Ask for a new one.',
  revoked: 'It was revoked. Ask for a new one.',
  expired: 'Its time is over. Ask for a new one.',
};

/** Changes nothing. Strangers learn nothing of it; what is refused to somebody who is known stands on the record. */
export async function lookAtLink(
  secret: string,
  credential: Credential,
  http: HttpFacts,
  parts: Parts,
): Promise<Usable | Refusal> {
  const actor = await currentUser(credential, parts);
  if ('code' in actor) return actor;
  const secretHash = linkSecretHash(secret);
  const link = secretHash === null ? null : await parts.links.find(secretHash);
  if (link === null) return refusal('not_found', { detail: 'There is no such link.' });
  const refuse = (why: Refusal): Promise<Refusal> => refuseLink(link, actor, why, http, parts);
  if (actor.id !== link.actorId) return refuse(notTheirs());
  const fault = linkFault(link, parts.clock.now());
  if (fault !== null) return refuse(spent(fault));
  const found = await parts.directory.fetch(link.subject.id, credential);
  if (found.kind === 'unavailable') return refusal('upstream_unreachable');
  if (found.kind === 'unknown')
    return refuse(refusal('not_found', { detail: 'There is no such customer in your market.' }));
  const permission = parts.policy().mayActFor(actor, found.value);
  if (!permission.allowed) {
    const { reason } = permission;
    return refuse(refusal('not_allowed', { detail: ACT_REFUSALS[reason], fault: reason }));
  }
  return { link, actor, subject: found.value };
}

export function spent(fault: LinkFault): Refusal {
  return refusal('link_spent', { detail: SPENT[fault], fault });
}

/** Records the refusal, unless this link was refused very often just now. */
export async function refuseLink(
  link: ActAsLink,
  by: Identity,
  why: Refusal,
  http: HttpFacts,
  parts: Parts,
): Promise<Refusal> {
  if (parts.refusedLinkRate.take(link.id)) {
    const details = { why: why.fault ?? why.code };
    await recordLink(
      linkEvent(link, 'link_refused', by, { ...http, statusCode: why.status }, details),
      parts,
    );
  }
  return why;
}
