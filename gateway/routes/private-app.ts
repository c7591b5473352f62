/** The private listener: is the process alive, is it ready, and what has it counted. Not for the internet. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';
import { SessionsUnavailableError } from '../sessions/index.ts';

export function createPrivateApp(parts: Parts): FastifyInstance {
  const app = Fastify({ logger: false });

  app.get('/_act-as/health/live', () => ({ status: 'ok' }));

  // Ready to act as someone; ordinary traffic flows all the same when it is not.
  app.get('/_act-as/health/ready', async (_request, reply) => {
    const record = parts.audit.health();
    const waiting = parts.unrecordedEnds.length;
    const sessions = await sessionsOf(parts);
    const ready = record.ok && waiting === 0 && sessions === 'ok';
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ok' : 'degraded',
      checks: {
        record: record.ok ? 'ok' : record.reason,
        ends_not_yet_recorded: waiting,
        sessions,
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

async function sessionsOf({ sessions, clock }: Parts): Promise<'ok' | 'unavailable'> {
  try {
    await sessions.list(clock.now());
    return 'ok';
  } catch (error) {
    if (error instanceof SessionsUnavailableError) return 'unavailable';
    throw error;
  }
}
