/** Counters of what the gateway decided and delivered, in Prometheus' form; plain numbers until somebody scrapes. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { InForce } from './policy-in-force.ts';
import type { SessionEnd } from './sessions/index.ts';

export type RequestKind = 'ordinary' | 'acting' | 'assisted' | 'ended' | 'unsettled' | 'unknown';

export type Metrics = {
  readonly registry: Registry;
  request(kind: RequestKind): void;
  refused(code: string): void;
  decided(effect: string): void;
  sessionStarted(): void;
  sessionEnded(why: SessionEnd): void;
};

/**
 * @param live how many sessions are live now
 * @param recordHealthy whether the record takes rows now
 * @param policy when the policy in force was loaded, and whether a newer one was refused
 */
export function createMetrics(
  live: () => number,
  recordHealthy: () => boolean,
  policy: () => Pick<InForce, 'loadedAt' | 'lastFailure'>,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const kinds: Record<RequestKind, number> = {
    ordinary: 0,
    acting: 0,
    assisted: 0,
    ended: 0,
    unsettled: 0,
    unknown: 0,
  };
  const registers = [registry];
  // One addition per request; the labelled counter is filled in when it is read.
  const requests = new Counter({
    name: 'understudy_requests_total',
    help: 'Requests by the seat they sat in',
    labelNames: ['seat'] as const,
    registers,
    collect() {
      this.reset();
      for (const [seat, count] of Object.entries(kinds)) this.inc({ seat }, count);
    },
  });
  void requests;
  const refusals = new Counter({
    name: 'understudy_refusals_total',
    help: 'Answers the gateway wrote instead of forwarding, by code',
    labelNames: ['code'] as const,
    registers,
  });
  const decisions = new Counter({
    name: 'understudy_decisions_total',
    help: 'Decisions on acting and assisted requests, by effect',
    labelNames: ['effect'] as const,
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
  const gauges = [
    new Gauge({
      name: 'understudy_sessions_live',
      help: 'Act-as sessions live on this instance',
      registers,
      collect() {
        this.set(live());
      },
    }),
    new Gauge({
      name: 'understudy_record_healthy',
      help: '1 while the audit record takes rows',
      registers,
      collect() {
        this.set(recordHealthy() ? 1 : 0);
      },
    }),
  ];
  gauges.push(
    new Gauge({
      name: 'understudy_policy_loaded_timestamp_seconds',
      help: 'When the policy in force was loaded',
      registers,
      collect() {
        this.set(policy().loadedAt / 1000);
      },
    }),
    new Gauge({
      name: 'understudy_policy_stale',
      help: '1 while the newest text of the policy file was refused and an older one is in force',
      registers,
      collect() {
        this.set(policy().lastFailure === null ? 0 : 1);
      },
    }),
  );
  void gauges;
  return {
    registry,
    request: (kind) => void (kinds[kind] += 1),
    refused: (code) => refusals.inc({ code }),
    decided: (effect) => decisions.inc({ effect }),
    sessionStarted: () => started.inc(),
    sessionEnded: (why) => ended.inc({ why }),
  };
}
