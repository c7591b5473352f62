/** How many durable appends a second the record takes in groups, and what the event loop feels of it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { AuditStore, NewAuditEvent } from '../../audit-store/index.ts';

export type Appended = {
  readonly perSecond: number;
  /** 99th percentile of how late the event loop was, milliseconds. */
  readonly loopP99Ms: number;
  /** Milliseconds from asking to durable. */
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/**
 * Each client writes an intent and then the event that completes it, as an audited write does.
 * @param waiting how many writes wait for the disk at a time, as so many clients would
 */
export async function timeAppends(store: AuditStore, waiting: number, seconds: number): Promise<Appended> {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const took: number[] = [];
  const timed = async <Result>(write: () => Promise<Result>): Promise<Result> => {
    const asked = performance.now();
    const result = await write();
    took.push(performance.now() - asked);
    return result;
  };
  const started = performance.now();
  const until = started + seconds * 1000;
  loop.enable();
  await Promise.all(
    Array.from({ length: waiting }, async (_, client) => {
      for (let count = 0; performance.now() < until; count += 1) {
        const facts = event(client, count);
        const intent = await timed(() => store.intend(facts));
        await timed(() => store.append(facts, intent));
      }
    }),
  );
  loop.disable();
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return {
    perSecond: (took.length * 1000) / (performance.now() - started),
    // The timer that measures is due every millisecond.
    loopP99Ms: Math.max(0, loop.percentile(99) / 1e6 - 1),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function event(client: number, count: number): NewAuditEvent {
  return {
    event: 'action',
    outcome: 'error',
    sessionId: `s-${client}`,
    actor: {
      id: `u-${client % 20}`,
      name: `Manager ${client % 20}`,
      email: `m${client % 20}@valley.example`,
    },
    subject: { id: `c-${client}`, name: `Shopper ${client}`, email: `s${client}@valley.example` },
    market: { id: 'valley', name: 'Valley Market' },
    statusCode: null,
    method: 'POST',
    path: '/api/orders',
    action: 'place_order',
    reason: null,
    ipAddress: '192.0.2.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
    requestId: `${client}-${count}`,
    rule: 'place-order',
    details: {},
  };
}
