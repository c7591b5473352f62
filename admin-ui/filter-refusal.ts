/** Wrong filters, told to a program: RFC 9457 problem details with every mistake and its field. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from './filters.ts';

export function refuseFilters(
  request: FastifyRequest,
  reply: FastifyReply,
  problems: readonly Problem[],
): FastifyReply {
  return reply
    .code(422)
    .type('application/problem+json; charset=utf-8')
    .send({
      type: 'about:blank',
      title: 'These filters could not be used',
      status: 422,
      detail: problems
        .map((problem) => (problem.field === null ? '' : `${problem.field}: `) + problem.message)
        .join(' '),
      code: 'invalid_request',
      request_id: request.id,
      errors: problems,
    });
}
