/** What every half of the store in Redis works with. */
import type { AskOptions } from './ask-redis.ts';
import type { Replica } from './replica.ts';
import type { Retries } from './retries.ts';
import type { ScriptName } from './scripts.ts';
import type { Seal } from './seal.ts';
import type { SealedSessions } from './sealed-sessions.ts';

/** @throws SessionsUnavailableError whenever there is no answer. */
export type RunScript = (
  script: ScriptName,
  args: readonly string[],
  how?: AskOptions & { /** This instance's time; the clock's unless given. */ readonly now?: number },
) => Promise<unknown>;

export type StoreParts = {
  readonly run: RunScript;
  readonly sealed: SealedSessions;
  readonly seal: Seal;
  readonly replica: Replica;
  readonly retries: Retries;
  readonly now: () => number;
  readonly log: StoreLog;
  /** Says what went wrong behind everybody's back. */
  readonly trouble: (error: unknown) => void;
};

export type StoreLog = {
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
};
