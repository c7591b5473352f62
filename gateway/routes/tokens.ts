/** `POST /_act-as/tokens`: a session that is shown by bearer, for mobile apps and other systems. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { startSession } from '../acting/start-session.ts';
import { newBearerToken } from '../bearer/bearer-token.ts';
import type { Parts } from '../parts.ts';
import { credential, crossOrigin, facts, fromOurOrigin, sendRefusal } from './own-request.ts';
import { invalidBody } from './invalid-body.ts';
import { sessionJson } from './sessions.ts';

const tokenBody = z.strictObject({
  subject: z.string().min(1).max(128),
  reason: z.string().max(10_000).nullish(),
  /** Ends what is in the way, with permission a colleague's session too; `own`: only the caller's. */
  takeover: z.union([z.boolean(), z.literal('own')]).default(false),
});

export function tokenRoute(app: FastifyInstance, parts: Parts): void {
  app.post('/_act-as/tokens', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const body = tokenBody.safeParse(request.body);
    if (!body.success) return sendRefusal(invalidBody(body.error), request, reply, parts);
    const started = await startSession(
      {
        subjectId: body.data.subject,
        reason: body.data.reason ?? null,
        returnTo: '/',
        takeover: body.data.takeover,
        credential: credential(request, parts),
        http: facts(request, parts),
        newToken: newBearerToken,
        began: { by: 'token' },
      },
      parts,
    );
    if (started.kind === 'refused') return sendRefusal(started.refusal, request, reply, parts);
    return reply
      .code(201)
      .send({ token: started.token, header: 'Act-As', session: sessionJson(started.session) });
  });
}
