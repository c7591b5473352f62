/** Asks Redis every second whether it is there, what time it is and what it is set up to do, and says what that means. */
import { SessionsUnavailableError, type SessionsHealth } from '../session-store.ts';
import { parseReply, replies } from './replies.ts';
import { UNKNOWN_SERVER, type ServerFacts } from './server-facts.ts';
import type { StoreParts } from './store-parts.ts';

export type HeartbeatDeps = Pick<StoreParts, 'run' | 'now' | 'log' | 'trouble'> & {
  readonly askServer: () => Promise<ServerFacts>;
  readonly acceptEviction: boolean;
  /** Redis answers, and this is how far its published changes are. */
  readonly answered: (version: number) => Promise<void>;
  readonly inStep: () => boolean;
};

export type Heartbeat = {
  /** Never rejects. */
  readonly beat: () => Promise<void>;
  readonly health: () => SessionsHealth;
  readonly server: () => ServerFacts;
  readonly stop: () => void;
};

const BEAT_MS = 1_000;
const SKEW_WARNED_MS = 2_000;
/** Beyond it no session starts: nobody could say when it ends. */
export const SKEW_REFUSED_MS = 30_000;

export function createHeartbeat(deps: HeartbeatDeps): Heartbeat {
  let answers = false;
  let skewMs = 0;
  let server = UNKNOWN_SERVER;
  let beating: Promise<void> | null = null;
  let said: SessionsHealth['trouble'] = null;

  async function once(): Promise<void> {
    try {
      const [version, redisNow] = parseReply(replies.beat, await deps.run('beat', [], { probe: true }));
      skewMs = redisNow - deps.now();
      server = await deps.askServer();
      answers = true;
      await deps.answered(version);
    } catch (error) {
      answers = false;
      if (!(error instanceof SessionsUnavailableError)) deps.trouble(error);
    }
    say(health().trouble);
  }

  function health(): SessionsHealth {
    if (!answers || !deps.inStep()) return { ok: false, trouble: 'unreachable' };
    if (server.mayEvict === true && !deps.acceptEviction) return { ok: false, trouble: 'eviction_possible' };
    const skew = Math.abs(skewMs);
    const soon = server.full ? 'full' : null;
    return { ok: skew <= SKEW_REFUSED_MS, trouble: skew > SKEW_WARNED_MS ? 'clock_skew' : soon };
  }

  function say(trouble: SessionsHealth['trouble']): void {
    if (trouble === said) return;
    said = trouble;
    if (trouble === null) deps.log.info({}, 'act-as sessions in Redis are in order');
    else deps.log.warn({ trouble, skew_ms: skewMs }, 'act-as sessions in Redis are in trouble');
  }

  function beat(): Promise<void> {
    beating ??= once().finally(() => {
      beating = null;
    });
    return beating;
  }

  const timer = setInterval(() => void beat(), BEAT_MS);
  timer.unref();
  return { beat, health, server: () => server, stop: () => clearInterval(timer) };
}
