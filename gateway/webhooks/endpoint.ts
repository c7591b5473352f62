/** Tells one endpoint of events, one after the other, at least once each, until it takes them or has been asked often enough. */
import type { AuditEvent, AuditStore } from '../../audit-store/index.ts';
import type { Parts } from '../parts.ts';
import { deliveryId, eventPayload } from './event-payload.ts';
import { nextEvents } from './next-events.ts';
import type { Poster } from './post-once.ts';
import type { Progress } from './progress.ts';
import { signDelivery } from './sign-delivery.ts';
import type { WebhookConfig } from './webhooks-schema.ts';

export type Endpoint = {
  /** Sends what is due; returns when nothing is, or when a pause has begun. Never rejects. */
  work(): Promise<void>;
  close(): Promise<void>;
};

export type EndpointDeps = Pick<Parts, 'clock' | 'log'> & {
  readonly config: WebhookConfig;
  readonly keys: readonly Buffer[];
  readonly audit: Pick<AuditStore, 'events' | 'head'>;
  readonly poster: Poster;
  readonly progress: Progress;
  /** From 0 to 1, as `Math.random`. */
  readonly random: () => number;
  readonly count: (id: string, what: 'delivered' | 'failed' | 'dead') => void;
};

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
/** After trouble of our own, which is over one day without the receiver's doing. */
const LONGEST_OWN_PAUSE_MS = 60_000;

export function createEndpoint(deps: EndpointDeps): Endpoint {
  const { audit, clock, config, count, keys, log, poster, progress, random } = deps;
  const stop = new AbortController();
  let working: Promise<void> | null = null;
  let failures = 0;
  let troubles = 0;
  let notBefore = 0;

  const wanted = (event: AuditEvent): boolean =>
    config.events.includes(event.event) && (config.actions?.includes(event.action ?? '') ?? true);

  /** False where a pause has begun. */
  async function deliver(event: AuditEvent): Promise<boolean> {
    const body = eventPayload(event);
    const id = deliveryId(event);
    const signed = signDelivery(keys, id, Math.floor(clock.now() / 1000), body);
    const posted = await poster.post(body, signed, stop.signal);
    if (stop.signal.aborted) return false;
    if (posted.ok) {
      failures = 0;
      count(config.id, 'delivered');
      return true;
    }
    failures += 1;
    count(config.id, 'failed');
    log.warn({ webhook: config.id, seq: event.seq, failures, why: posted.why }, 'a webhook was not taken');
    if (failures < config.attempts) {
      notBefore = clock.now() + pauseAfter(failures, random());
      return false;
    }
    const at = new Date(clock.now()).toISOString();
    await progress.bury({ seq: event.seq, id, event: event.event, attempts: failures, why: posted.why, at });
    count(config.id, 'dead');
    log.error({ webhook: config.id, seq: event.seq }, 'a webhook was laid aside; the next one is sent');
    failures = 0;
    return true;
  }

  async function tell(): Promise<void> {
    // Held in a pause as well: nobody else is to ask meanwhile.
    while (!stop.signal.aborted && (await progress.hold()) && clock.now() >= notBefore) {
      const after = await begin();
      const next = await nextEvents(audit, after);
      if (next === null) {
        troubles = 0;
        return;
      }
      if (next.upTo < after)
        log.warn(
          { webhook: config.id, told: after, record: next.upTo },
          'a webhook was told of more than the record holds now',
        );
      for (const event of next.events.filter(wanted)) {
        if (!((await progress.hold()) && (await deliver(event)))) return;
        // One by one: whoever goes on after a crash repeats no more than what was under way.
        await progress.save(event.seq);
      }
      await progress.save(next.upTo);
    }
  }

  /** An endpoint that is new hears of what happens from now on. */
  async function begin(): Promise<number> {
    const known = await progress.load();
    if (known !== null) return known;
    const { seq } = await audit.head();
    await progress.save(seq);
    return seq;
  }

  return {
    work() {
      working ??= tell()
        .catch((error: unknown) => {
          // The record or the place of the cursor is in trouble: both are tried again before long, but not every second,
          // because what was told and could not be noted is told once more.
          troubles += 1;
          notBefore = clock.now() + Math.min(LONGEST_OWN_PAUSE_MS, pauseAfter(troubles, random()));
          log.warn({ webhook: config.id, err: error }, 'a webhook could not be looked after');
        })
        .finally(() => {
          working = null;
        });
      return working;
    },
    async close() {
      stop.abort();
      await working;
      await progress.release();
      await poster.close();
    },
  };
}

/** Twice as long each time, up to an hour; at random between half of that and all, so that gateways do not knock together. */
export function pauseAfter(failures: number, random: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return Math.round(longest * (0.5 + random / 2));
}
