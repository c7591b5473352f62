/** The door: a handler behind it runs only for someone who may review, and is told which markets they may see. */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { AuditUnavailableError } from '../audit-store/index.ts';
import type { AdminUiDeps } from './deps.ts';
import { scopeOf, type Scope } from './scope.ts';

export type ReviewerHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
  scope: Scope,
) => Promise<unknown>;

export function forReviewers(
  { reviewer, refuse, log }: AdminUiDeps,
  handler: ReviewerHandler,
): RouteHandlerMethod {
  return async (request, reply) => {
    const answer = await reviewer(request);
    switch (answer.kind) {
      case 'not_signed_in':
        return refuse(request, reply, 'not_signed_in');
      case 'not_a_reviewer':
        return refuse(request, reply, 'not_allowed');
      case 'unavailable':
        return refuse(request, reply, 'identity_unavailable');
      case 'reviewer': {
        const scope = scopeOf(answer);
        return scope ? openRecord(request, reply, scope) : refuse(request, reply, 'not_allowed');
      }
    }
  };

  async function openRecord(request: FastifyRequest, reply: FastifyReply, scope: Scope): Promise<unknown> {
    try {
      return await handler(request, reply, scope);
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error;
      log.error({ request_id: request.id, err: error }, 'the record could not be read');
      return refuse(request, reply, 'audit_unavailable');
    }
  }
}
