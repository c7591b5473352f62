/** Counters of what the gateway decided and delivered, in Prometheus' form; plain numbers until somebody scrapes. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Effect } from '../policy/index.ts';
import type { InForce } from './policy-in-force.ts';
import type { SessionEnd } from './sessions/index.ts';

export type RequestKind = 'ordinary' | 'acting' | 'assisted' | 'ended' | 'unsettled' | 'unknown';

export type Metrics = {
  readonly registry: Registry;
  readonly request: (kind: RequestKind) => void;
  refused(code: string): void;
  readonly decided: (effect: Effect) => void;
  sessionStarted(): void;
  sessionEnded(why: SessionEnd): void;
  webhook(id: string, what: 'delivered' | 'failed' | 'dead'): void;
};

/**
 * @param live how many sessions are live now
 * @param recordHealthy whether the record takes rows now
 * @param droppedNotes how many decisions are missing from the trace
 * @param sessionsHealthy whether the session store answers now
 * @param policy when the policy in force was loaded, and whether a newer one was refused
 */
export function createMetrics(
  live: () => number,
  recordHealthy: () => boolean,
  droppedNotes: () => number,
  sessionsHealthy: () => boolean,
  policy: () => Pick<InForce, 'loadedAt' | 'lastFailure'>,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  // One addition per request; the labelled counter is filled in when it is read.
  const tally = <Kind extends string>(
    name: string,
    help: string,
    label: string,
    counts: Record<Kind, number>,
  ): ((kind: Kind) => void) => {
    registry.registerMetric(
      new Counter({
        name,
        help,
        labelNames: [label],
        registers: [],
        collect() {
          this.reset();
          for (const kind in counts) this.inc({ [label]: kind }, counts[kind]);
        },
      }),
    );
    return (kind) => void (counts[kind] += 1);
  };
  const request = tally('understudy_requests_total', 'Requests by the seat they sat in', 'seat', {
    ordinary: 0,
    acting: 0,
    assisted: 0,
    ended: 0,
    unsettled: 0,
    unknown: 0,
  });
  const decided = tally(
    'understudy_decisions_total',
    'Decisions on acting and assisted requests, by effect',
    'effect',
    { allow: 0, audit: 0, confirm: 0, block: 0, pause: 0 },
  );
  const refusals = new Counter({
    name: 'understudy_refusals_total',
    help: 'Answers the gateway wrote instead of forwarding, by code',
    labelNames: ['code'] as const,
    registers,
  });
  const started = new Counter({
    name: 'understudy_sessions_started_total',
    help: 'Act-as sessions started',
    registers,
  });
  const ended = new Counter({
    name: 'understudy_sessions_ended_total',
    help: 'Act-as sessions ended, by why',
    labelNames: ['why'] as const,
    registers,
  });
  const webhooks = new Counter({
    name: 'understudy_webhooks_total',
    help: 'Deliveries to webhooks: taken, failed for now, and laid aside for good',
    labelNames: ['id', 'what'] as const,
    registers,
  });
  gauge('understudy_sessions_live', 'Act-as sessions live on this instance', () => live());
  gauge('understudy_record_healthy', '1 while the audit record takes rows', () => (recordHealthy() ? 1 : 0));
  gauge(
    'understudy_decisions_dropped',
    'Decisions that are missing from the trace because they could not be written in time',
    () => droppedNotes(),
  );
  gauge('understudy_sessions_healthy', '1 while the session store answers', () =>
    sessionsHealthy() ? 1 : 0,
  );
  gauge(
    'understudy_policy_loaded_timestamp_seconds',
    'When the policy in force was loaded',
    () => policy().loadedAt / 1000,
  );
  gauge(
    'understudy_policy_stale',
    '1 while the newest text of the policy file was refused and an older one is in force',
    () => (policy().lastFailure === null ? 0 : 1),
  );
  return {
    registry,
    request,
    refused: (code) => refusals.inc({ code }),
    decided,
    sessionStarted: () => started.inc(),
    sessionEnded: (why) => ended.inc({ why }),
    webhook: (id, what) => webhooks.inc({ id, what }),
  };
}
