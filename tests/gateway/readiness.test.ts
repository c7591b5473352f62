/** Readiness says what acting needs and lacks at this moment; an orchestrator takes the instance out, shoppers stay. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SessionsUnavailableError } from '../../gateway/sessions/index.ts';
import { startBreakable, type Breakable } from '../security/breakable-sessions.ts';

let system: Breakable;
beforeAll(async () => {
  system = await startBreakable('http://127.0.0.1:9');
});
afterEach(() => system.break(null));
afterAll(() => system.close());

async function ready(): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${system.gateway.privateUrl}/_act-as/health/ready`);
  return { status: answer.status, body: await answer.json() };
}

it('is ready while record and sessions answer', async () => {
  const { status, body } = await ready();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'ok',
    checks: { record: 'ok', ends_not_yet_recorded: 0, sessions: 'ok', policy: 'ok' },
  });
});

it('is not while the sessions cannot be reached, and says that it is they', async () => {
  system.break(() => new SessionsUnavailableError('gone'));
  const { status, body } = await ready();
  expect(status).toBe(503);
  expect(body).toMatchObject({ status: 'degraded', checks: { record: 'ok', sessions: 'unreachable' } });
  const live = await fetch(`${system.gateway.privateUrl}/_act-as/health/live`);
  expect(live.status).toBe(200);
  system.break(null);
  expect((await ready()).status).toBe(200);
});
