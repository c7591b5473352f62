/** The policy in force as a page, and what it makes of a request typed in: 200, or 422 where the request is none. */
import type { AdminUiDeps } from './deps.ts';
import type { ReviewerHandler } from './for-reviewers.ts';
import { policyPage } from './policy-page.ts';
import { readQuestion } from './policy-question.ts';
import { zoneFor } from './zone.ts';

export function policyRoute({ policyInForce, markets }: AdminUiDeps): ReviewerHandler {
  return async (request, reply, scope) => {
    const inForce = policyInForce();
    const asked = readQuestion(request.query, inForce.policy);
    const zone = zoneFor(scope, '', markets());
    return reply
      .code(asked.problem === null ? 200 : 422)
      .type('text/html; charset=utf-8')
      .send(policyPage({ scope, inForce, asked, zone }));
  };
}
