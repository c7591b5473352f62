/** Mounts the reviewers' pages on the gateway: who may read which rows is the policy's word. */
import type { FastifyRequest } from 'fastify';
import { adminUi, type AdminRefusal, type ReviewerAnswer } from '../admin-ui/index.ts';
import {
  credential,
  currentUser,
  refusal,
  sendRefusal,
  type OwnPages,
  type Parts,
  type Refusal,
  type RefusalCode,
} from '../gateway/index.ts';

const CODES: Readonly<Record<AdminRefusal, RefusalCode>> = {
  not_signed_in: 'not_signed_in',
  not_allowed: 'not_allowed',
  not_found: 'not_found',
  identity_unavailable: 'upstream_unreachable',
  audit_unavailable: 'audit_unavailable',
};

/** The gateway speaks of writing the record; here it is read. */
function refusalFor(code: AdminRefusal): Refusal {
  const words = code === 'audit_unavailable' ? { detail: 'The record cannot be read at the moment.' } : {};
  return refusal(CODES[code], words);
}

export const auditPages: OwnPages = async (app, parts) => {
  await app.register(adminUi, {
    store: parts.audit,
    clock: parts.clock,
    log: parts.log,
    markets: () => parts.policy().settings.markets,
    policyInForce: parts.policyInForce,
    liveSessions: () => parts.sessions.list(parts.clock.now()),
    reviewer: (request) => reviewer(request, parts),
    refuse: (request, reply, code) => sendRefusal(refusalFor(code), request, reply, parts),
    holdOpen: (response) => parts.underWay.cutHeldAtStop(response),
    noteRead: ({ by, what, rows, complete, requestId }) =>
      parts.log.info({ request_id: requestId, reviewer: by.id, what, rows, complete }, 'the record was read'),
  });
};

async function reviewer(request: FastifyRequest, parts: Parts): Promise<ReviewerAnswer> {
  const person = await currentUser(credential(request, parts), parts);
  if ('code' in person) return { kind: person.code === 'not_signed_in' ? 'not_signed_in' : 'unavailable' };
  const sees = parts.policy().mayReview(person);
  return sees === null ? { kind: 'not_a_reviewer', person } : { kind: 'reviewer', person, sees };
}
