/** Starts telling the configured endpoints of events, beside all requests and never on the way of one. */
import { dirname, join } from 'node:path';
import type { Parts } from '../parts.ts';
import { createEndpoint } from './endpoint.ts';
import { createPoster } from './post-once.ts';
import { fileProgress } from './progress.ts';

export type Webhooks = {
  /** Sends what is due by now; runs by itself twice a second. */
  work(): Promise<void>;
  close(): Promise<void>;
};

const EVERY_MS = 500;

/** @param keys what each webhook signs with, in their order */
export function startWebhooks(
  { config, audit, clock, log, metrics }: Parts,
  keys: readonly (readonly Buffer[])[],
  random: () => number,
): Webhooks {
  const folder = join(dirname(config.audit.file), 'webhooks');
  const endpoints = config.webhooks.map((webhook, index) =>
    createEndpoint({
      config: webhook,
      keys: keys[index] ?? [],
      audit,
      clock,
      log,
      poster: createPoster(webhook),
      progress: fileProgress(join(folder, `${webhook.id}.json`)),
      random,
      count: metrics.webhook,
    }),
  );
  const work = async (): Promise<void> => {
    await Promise.all(endpoints.map((endpoint) => endpoint.work()));
  };
  const timer = endpoints.length === 0 ? undefined : setInterval(() => void work(), EVERY_MS);
  return {
    work,
    async close() {
      clearInterval(timer);
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    },
  };
}
