/** What Redis must still be told: ends it did not hear of, starts that may have taken place, rows that are written. */
import { SessionsUnavailableError } from '../session-store.ts';

export type Retries = {
  /** Does it as soon as it can be done, by this name once; whatever else is wrong with it is the caller's to log. */
  add(name: string, work: () => Promise<void>): void;
  /** Tries everything, in the order in which it came; stops where Redis is still away. Never rejects. */
  run(): Promise<void>;
  length(): number;
};

/** @param most the oldest are given up beyond it: what they would have said, time says as well. */
export function createRetries(most: number, trouble: (error: unknown) => void): Retries {
  const waiting = new Map<string, () => Promise<void>>();
  let running: Promise<void> | null = null;

  async function runAll(): Promise<void> {
    for (const [name, work] of waiting) {
      try {
        await work();
      } catch (error) {
        if (error instanceof SessionsUnavailableError) return;
        trouble(error);
      }
      if (waiting.get(name) === work) waiting.delete(name);
    }
  }

  return {
    add(name, work) {
      waiting.set(name, work);
      for (const oldest of waiting.keys()) {
        if (waiting.size <= most) break;
        waiting.delete(oldest);
      }
    },
    run() {
      running ??= runAll().finally(() => {
        running = null;
      });
      return running;
    },
    length: () => waiting.size,
  };
}
