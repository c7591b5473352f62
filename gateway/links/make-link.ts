/** Makes an act-as link: who may, for whom, for how long; on the record before anybody holds it. */
import type { Person } from '../../policy/index.ts';
import { actsForNobody, currentUser, readReason } from '../acting/start-session.ts';
import type { Credential } from '../identity/index.ts';
import type { Parts } from '../parts.ts';
import type { HttpFacts } from '../record/events.ts';
import { ACT_REFUSALS, refusal, type Refusal } from '../refusal.ts';
import { linkEvent } from './link-event.ts';
import { linkSecretHash, type ActAsLink } from './link.ts';
import { recordLink } from './record-link.ts';

export type LinkRequest = {
  readonly subjectId: string;
  /** Id of the one person who may use it; whoever makes it, where null. */
  readonly actorId: string | null;
  readonly reason: string | null;
  /** How long it can be used, milliseconds; as configured, where null. */
  readonly lastingMs: number | null;
  readonly credential: Credential;
  readonly http: HttpFacts;
};

/** Whoever makes a link could take the seat, or reads the record of its market; the rest is asked when it is used. */
export async function makeLink(
  asked: LinkRequest,
  secret: string,
  parts: Parts,
): Promise<ActAsLink | Refusal> {
  const own = asked.credential;
  const policy = parts.policy();
  const creator = await currentUser(own, parts);
  if ('code' in creator) return creator;
  if (!parts.linkRate.take(creator.id)) return refusal('too_many_requests');
  if (!policy.mayActAtAll(creator) && policy.mayReview(creator) === null) return actsForNobody(creator);
  const reason = readReason(asked.reason, policy.settings.reason);
  if (typeof reason === 'object' && reason !== null) return reason;
  const { expire_after: usual, at_most: most } = parts.config.links;
  const lasting = asked.lastingMs ?? Math.min(usual, most);
  if (lasting < 1_000 || lasting > most) {
    const detail = `expires_in: at least a second and at most ${Math.floor(most / 1000)} seconds`;
    return refusal('invalid_request', { detail, fault: 'expires_in' });
  }
  const found = await parts.directory.fetch(asked.subjectId, own);
  if (found.kind === 'unavailable') return refusal('upstream_unreachable');
  if (found.kind === 'unknown')
    return refusal('not_found', { detail: 'There is no such customer in your market.' });
  const subject = found.value;
  const permission = policy.mayActFor(creator, subject);
  if (!permission.allowed && !reviews(creator, subject.market, parts))
    return refusal('not_allowed', { detail: ACT_REFUSALS[permission.reason], fault: permission.reason });

  const now = parts.clock.now();
  const { id, name, email } = subject;
  const market = subject.market === null ? undefined : policy.settings.markets.get(subject.market);
  const link: ActAsLink = {
    id: parts.newId(),
    secretHash: linkSecretHash(secret) ?? '',
    actorId: asked.actorId ?? creator.id,
    subject: { id, name, email },
    market: subject.market === null ? null : { id: subject.market, name: market?.name ?? subject.market },
    reason,
    createdBy: { id: creator.id, name: creator.name, email: creator.email },
    createdAt: now,
    expiresAt: now + lasting,
    state: 'open',
  };
  return keepLink(link, asked.http, parts);
}

/** On the record before anybody holds it, and not on the record where it came to nothing. */
async function keepLink(link: ActAsLink, http: HttpFacts, parts: Parts): Promise<ActAsLink | Refusal> {
  if (!(await parts.links.add(link))) return refusal('too_many_requests');
  const details = { expires_at: new Date(link.expiresAt).toISOString() };
  const recorded = await recordLink(
    linkEvent(link, 'link_created', link.createdBy, { ...http, statusCode: 201 }, details),
    parts,
  );
  if (recorded) return link;
  // Its secret was told to nobody; nor is it to be listed.
  await parts.links.revoke(link.id, link.createdAt);
  return refusal('audit_unavailable');
}

/** Whether the person may read the record of a market. */
export function reviews(person: Person, market: string | null, parts: Parts): boolean {
  const sees = parts.policy().mayReview(person);
  return sees === 'every_market' || (sees === 'own_market' && market !== null && market === person.market);
}
