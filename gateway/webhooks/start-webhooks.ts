/** Starts telling the configured endpoints of events, beside all requests and never on the way of one. */
import { dirname, join } from 'node:path';
import type { Parts } from '../parts.ts';
import { createEndpoint } from './endpoint.ts';
import { createPoster } from './post-once.ts';
import { fileProgress } from './progress.ts';
import { sharedProgress } from './shared-progress.ts';

export type Webhooks = {
  /** Sends what is due by now; runs by itself twice a second. */
  work(): Promise<void>;
  close(): Promise<void>;
};

const EVERY_MS = 500;
/** How much longer than a delivery its turn lasts: then another gateway sends. */
const SLACK_MS = 15_000;

/** @param keys what each webhook signs with, in their order */
export function startWebhooks(
  { config, audit, clock, log, metrics, newId, sessions }: Parts,
  keys: readonly (readonly Buffer[])[],
  random: () => number,
): Webhooks {
  const folder = join(dirname(config.audit.file), 'webhooks');
  const holder = newId();
  const endpoints = config.webhooks.map((webhook, index) => {
    const own = fileProgress(join(folder, `${webhook.id}.json`));
    const turn = {
      // Beside what it counts where that is shared: both are kept, lost and put back together.
      turns: () => audit.turns() ?? sessions.turns,
      id: webhook.id,
      holder,
      forMs: webhook.timeout + SLACK_MS,
    };
    return createEndpoint({
      config: webhook,
      keys: keys[index] ?? [],
      audit,
      clock,
      log,
      poster: createPoster(webhook),
      progress: sharedProgress(turn, own),
      random,
      count: (id, what) => metrics.webhook(id, what),
    });
  });
  const work = async (): Promise<void> => {
    await Promise.all(endpoints.map((endpoint) => endpoint.work()));
  };
  void work();
  const timer = endpoints.length === 0 ? undefined : setInterval(() => void work(), EVERY_MS);
  return {
    work,
    async close() {
      clearInterval(timer);
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    },
  };
}
