/** One question to Redis is one script: answered in time, or `SessionsUnavailableError` and nobody knows what it did. */
import { SessionsUnavailableError } from '../session-store.ts';
import { COMMAND_MS, type RedisClient } from './connect.ts';
import type { Script } from './scripts.ts';

export type AskRedis = (script: Script, args: readonly string[], how?: AskOptions) => Promise<unknown>;

export type AskOptions = {
  /** Asks even while the others are spared the wait: this is how it is found out that Redis answers again. */
  readonly probe?: boolean;
};

/** A Redis that did not answer in time is not asked again for so long, so that one frozen server does not slow everyone. */
const SPARED_MS = 1_000;

/** @param key names the hash slot; the scripts make every other key from it. */
export function createAskRedis(client: RedisClient, key: string, monotonic: () => number): AskRedis {
  let sparedUntil = 0;

  async function run({ sha, text }: Script, args: readonly string[]): Promise<unknown> {
    try {
      return await client.evalsha(sha, 1, key, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await client.eval(text, 1, key, ...args);
    }
  }

  return async (script, args, { probe = false } = {}) => {
    if (!probe && monotonic() < sparedUntil)
      throw new SessionsUnavailableError('Redis did not answer in time');
    let timer: ReturnType<typeof setTimeout> | undefined;
    let unread: ReturnType<typeof setImmediate> | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      const giveUp = (): void => {
        sparedUntil = monotonic() + SPARED_MS;
        reject(new SessionsUnavailableError('Redis did not answer in time'));
      };
      // If it was this process that was late, the answer lies there unread: what has arrived is read first.
      timer = setTimeout(() => {
        unread = setImmediate(giveUp);
      }, COMMAND_MS);
    });
    try {
      const answer = await Promise.race([run(script, args), tooLate]);
      sparedUntil = 0;
      return answer;
    } catch (error) {
      if (error instanceof SessionsUnavailableError) throw error;
      throw new SessionsUnavailableError('Redis did not answer', { cause: error });
    } finally {
      clearTimeout(timer);
      clearImmediate(unread);
    }
  };
}
