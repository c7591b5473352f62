/** The private listener: is the process alive, is it ready, and what has it counted. Not for the internet. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';

/** @param stopping whether the gateway was told to stop: no balancer should send anything more. */
export function createPrivateApp(parts: Parts, stopping: () => boolean): FastifyInstance {
  const app = Fastify({ logger: false });

  // What a balancer asks: a gateway that is told to stop takes nothing more, one that cannot act still sells.
  app.get('/_act-as/health/live', (_request, reply) =>
    reply.code(stopping() ? 503 : 200).send({ status: stopping() ? 'stopping' : 'ok' }),
  );

  // Ready to act as someone; ordinary traffic flows all the same when it is not.
  app.get('/_act-as/health/ready', (_request, reply) => {
    const record = parts.audit.health();
    const waiting = parts.unrecordedEnds.length();
    const unkept = parts.unrecordedEnds.unkept();
    const sessions = parts.sessions.health();
    const ready = !stopping() && record.ok && waiting === 0 && sessions.ok;
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ok' : stopping() ? 'stopping' : 'degraded',
      checks: {
        record: record.ok ? 'ok' : record.reason,
        ends_not_yet_recorded: waiting,
        ends_only_on_standard_error: unkept,
        sessions: sessions.trouble ?? 'ok',
        policy: parts.policyInForce().lastFailure === null ? 'ok' : 'stale',
        policy_hash: parts.policy().hash,
      },
    });
  });

  app.get('/_act-as/metrics', async (_request, reply) =>
    reply.type(parts.metrics.registry.contentType).send(await parts.metrics.registry.metrics()),
  );
  return app;
}
