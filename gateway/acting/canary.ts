/** Asks the upstream now and then who it thinks is seated, so that a wrong seat is left at once. */
import type { Config } from '../config/index.ts';
import { askJson, compilePointer, type AskDeps } from '../identity/index.ts';
import type { Delegation } from '../delegation/index.ts';
import type { ActAsSession } from '../sessions/index.ts';

export type Seated = 'subject' | 'someone_else' | 'unavailable';

export type Canary = {
  /** Asks now. */
  ask(session: ActAsSession): Promise<Seated>;
  /** Asks if the last answer is older than configured; otherwise, at once, what it was. */
  askIfDue(session: ActAsSession): Seated | Promise<Seated>;
  forget(sessionId: string): void;
};

export type CanaryDeps = AskDeps & {
  readonly delegation: Delegation;
  readonly cookieHeader: (session: ActAsSession, path: string) => Promise<string | null>;
  readonly clock: { now(): number };
};

const QUIET: Canary = {
  ask: () => Promise.resolve('subject'),
  askIfDue: () => 'subject',
  forget: () => undefined,
};

export function createCanary(config: Config['canary'], deps: CanaryDeps): Canary {
  if (config === undefined) return QUIET;
  const read = compilePointer(config.id);
  const confirmedAt = new Map<string, number>();

  async function ask(session: ActAsSession): Promise<Seated> {
    const asked = deps.clock.now();
    const cookie = await deps.cookieHeader(session, config?.path ?? '/');
    const seat = await deps.delegation.headers(session);
    const credential = { cookie, authorization: null, header: () => null, remoteAddress: session.ipAddress };
    const question = {
      path: config?.path ?? '/',
      cookies: 'all',
      authorization: false,
      headers: seat,
      timeoutMs: config?.timeout ?? 3_000,
    } as const;
    const answer = await askJson(deps, question, credential, { cookie, authorization: null });
    if (answer.kind === 'unavailable') return 'unavailable';
    // Only a clear word counts: a rate limit or a sick app says nothing about the seat.
    if (answer.kind === 'status') {
      return answer.status === 401 || answer.status === 403 ? 'someone_else' : 'unavailable';
    }
    const id = read(answer.value);
    const seated = id.kind === 'value' && String(id.value) === session.subject.id;
    if (seated) confirmedAt.set(session.id, asked);
    return seated ? 'subject' : 'someone_else';
  }

  return {
    ask,
    askIfDue(session) {
      const due = (confirmedAt.get(session.id) ?? 0) + config.every <= deps.clock.now();
      return due ? ask(session) : 'subject';
    },
    forget: (sessionId) => void confirmedAt.delete(sessionId),
  };
}
