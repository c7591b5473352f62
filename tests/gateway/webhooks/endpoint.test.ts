/** The story: a shop's server was down for an hour, and two gateways in turn asked it as if nobody had asked before. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AuditEvent, Turns } from '../../../audit-store/index.ts';
import { createLog } from '../../../gateway/log.ts';
import { createEndpoint, type Endpoint } from '../../../gateway/webhooks/endpoint.ts';
import type { Progress } from '../../../gateway/webhooks/progress.ts';
import { sharedProgress } from '../../../gateway/webhooks/shared-progress.ts';
import { webhookSchema } from '../../../gateway/webhooks/webhooks-schema.ts';

const TURN_MS = 25_000;
const told = z.looseObject({ data: z.looseObject({ seq: z.number() }) });

/** Turns by the test's own clock. */
function turnsAt(now: () => number): Turns {
  let held: { holder: string; until: number } | null = null;
  let far: number | null = null;
  return {
    async take(_name, holder, forMs) {
      if (held !== null && held.holder !== holder && held.until > now()) return false;
      held = { holder, until: now() + forMs };
      return true;
    },
    noted: async () => far,
    async note(_name, holder, seq) {
      if (held?.holder === holder) far = seq;
    },
    async leave(_name, holder) {
      if (held?.holder === holder) held = null;
    },
  };
}

function own(): Progress {
  let far: number | null = null;
  return {
    hold: async () => true,
    load: async () => far,
    save: async (seq) => void (far = seq),
    bury: async () => undefined,
    release: async () => undefined,
  };
}

function event(seq: number): AuditEvent {
  const person = { id: 'p', name: 'P', email: 'p@example' };
  return {
    seq,
    createdAt: 0,
    hash: `${seq}`.padStart(64, '0'),
    event: 'action',
    outcome: 'ok',
    sessionId: 's',
    actor: person,
    subject: person,
    market: null,
    statusCode: 200,
    method: 'POST',
    path: '/api/orders',
    action: 'place_order',
    reason: null,
    ipAddress: null,
    userAgent: null,
    requestId: 'r',
    rule: null,
    details: {},
  };
}

/**
 * Two gateways' endpoints over one record of so many events; each post is told of, and answered as the test says.
 * @param alone where the first keeps how far it came, if not where the second knows it too
 */
function two(last: () => number, alone?: Progress) {
  let now = 0;
  let takes = (_seq: number): boolean => true;
  const clock = { now: () => now };
  const turns = turnsAt(clock.now);
  const posts: string[] = [];
  const together = (holder: string): Progress =>
    sharedProgress({ turns: () => turns, id: 'shop', holder, forMs: TURN_MS }, own());
  const endpoint = (name: string, progress = together(name)): Endpoint =>
    createEndpoint({
      clock,
      log: createLog('silent'),
      config: webhookSchema.parse({ id: 'shop', url: 'https://shop.example/', secret_file: 'none' }),
      keys: [Buffer.alloc(24)],
      audit: {
        head: async () => ({ seq: last(), hash: '', checkpointed: 0 }),
        events: async (_filter, { beforeSeq = 1, limit }) => ({
          events: Array.from({ length: Math.min(limit, beforeSeq - 1) }, (_, index) =>
            event(beforeSeq - 1 - index),
          ),
          next: null,
        }),
      },
      poster: {
        async post(body) {
          const { seq } = told.parse(JSON.parse(body)).data;
          posts.push(`${name} ${seq}`);
          return takes(seq) ? { ok: true } : { ok: false, why: 'it answered 503' };
        },
        close: async () => undefined,
      },
      progress,
      random: () => 1,
      count: () => undefined,
    });
  return {
    here: endpoint('here', alone),
    there: endpoint('there'),
    posts,
    pass: (ms: number) => void (now += ms),
    behave: (next: (seq: number) => boolean) => void (takes = next),
  };
}

test('while one pauses, however long, the other does not ask in its stead', async () => {
  let last = 0;
  const { here, there, posts, pass, behave } = two(() => last);
  await here.work();
  await there.work();
  last = 1;
  behave(() => false);
  // Six attempts and the pauses after them: 1, 2, 4, 8, 16 and 32 seconds, the last longer than a turn.
  for (let second = 0; second < 60; second += 1) {
    await here.work();
    await there.work();
    pass(1000);
  }
  expect(posts).toEqual(Array.from({ length: 6 }, () => 'here 1'));
  await here.close();
  behave(() => true);
  await there.work();
  expect(posts.slice(6)).toEqual(['there 1']);
});

test('where one stops in the midst of many, the other goes on behind the last that was taken', async () => {
  let last = 0;
  const { here, there, posts, pass, behave } = two(() => last);
  await here.work();
  last = 5;
  behave((seq) => seq < 4);
  await here.work();
  expect(posts).toEqual(['here 1', 'here 2', 'here 3', 'here 4']);
  // It says nothing any more.
  pass(TURN_MS);
  behave(() => true);
  await there.work();
  expect(posts.slice(4)).toEqual(['there 4', 'there 5']);
});

test('where the record is put back from a copy, shorter than what was told of it, what happens from then on is told', async () => {
  let last = 0;
  const { here, posts } = two(() => last);
  await here.work();
  last = 5;
  await here.work();
  expect(posts).toHaveLength(5);
  last = 3;
  await here.work();
  last = 4;
  await here.work();
  expect(posts.slice(5)).toEqual(['here 4']);
});

test('while it cannot be kept how far it came, a receiver is not told the same every second', async () => {
  let last = 0;
  let room = true;
  const kept = own();
  const save = (seq: number): Promise<void> =>
    room ? kept.save(seq) : Promise.reject(new Error('no space left on device'));
  const { here, posts, pass } = two(() => last, { ...kept, save });
  await here.work();
  last = 2;
  room = false;
  for (let second = 0; second < 60; second += 1) {
    await here.work();
    pass(1000);
  }
  // At once and after 1, 2, 4, 8 and 16 seconds.
  expect(posts).toEqual(Array.from({ length: 6 }, () => 'here 1'));
  room = true;
  pass(60_000);
  await here.work();
  expect(posts.slice(6)).toEqual(['here 1', 'here 2']);
});
