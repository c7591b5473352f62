/** Sessions in Redis, shared by any number of gateways: every change is one script, and what is known by heart costs nothing. */
import { randomUUID } from 'node:crypto';
import type { ActAsSession } from '../session.ts';
import {
  SessionsUnavailableError,
  type EndedSession,
  type Lookup,
  type SessionStore,
} from '../session-store.ts';
import { createChanges } from './changes.ts';
import { createEnds } from './ends.ts';
import { follow } from './follow.ts';
import { createHeartbeat, SKEW_REFUSED_MS } from './heartbeat.ts';
import { createJars } from './jars.ts';
import { createRedisLinks } from './links.ts';
import { createRedisTurns } from './turns.ts';
import { openParts, type RedisStoreOptions } from './open-parts.ts';
import { openEnded, openSession, parseReply, replies } from './replies.ts';

const LEASE_MS = 30_000;
/** How long opening waits for everything to be known by heart; then it goes on trying by itself. */
const PATIENCE_MS = 1_500;
const SWEPT_AT_ONCE = 200;

export async function createRedisSessionStore(options: RedisStoreOptions): Promise<SessionStore> {
  const opened = openParts(options);
  const { parts, channel, clients } = opened;
  const { run, sealed, replica, retries, trouble } = parts;
  const jars = createJars(parts);
  const lost: EndedSession[] = [];
  const heartbeat = createHeartbeat({
    ...parts,
    askServer: opened.askServer,
    acceptEviction: options.redis.accept_eviction,
    inStep: () => following.inStep(),
    async answered(version) {
      try {
        if (following.listens() && !following.inStep()) await following.resync();
        following.expect(version);
      } finally {
        // What is not known here keeps nobody from being told what is.
        await retries.run();
        opened.keepAlive();
      }
    },
  });
  const ends = createEnds({
    ...parts,
    runEnd: opened.runEnd,
    reachedReplica: () => opened.reachedReplica(heartbeat.server().replicas),
  });
  const following = follow({
    ...parts,
    changes: clients.changes,
    channel,
    endAgain: ends.endAgain,
    async lost(id) {
      const ended = await ends.lost(id);
      if (ended !== null) lost.push(ended);
    },
  });
  clients.requests.on('ready', () => void heartbeat.beat());
  await following.firstInStep(PATIENCE_MS);
  await heartbeat.beat();

  function learned(id: string, facts: string, idle: number, tokenHash: string): ActAsSession {
    const session = openSession(sealed, id, facts, idle);
    if (session.tokenHash !== tokenHash)
      throw new SessionsUnavailableError('Redis answered for another session');
    replica.learn(session);
    replica.slide(id, idle);
    return session;
  }

  /** Those that cannot be opened stay owed, to an instance that has their key. */
  function claimed(over: Parameters<typeof openEnded>[1]): readonly EndedSession[] {
    try {
      const ended = openEnded(sealed, over);
      replica.end(ended);
      return [ended];
    } catch (error) {
      trouble(error);
      return [];
    }
  }

  async function lookUp(tokenHash: string, now: number): Promise<Lookup> {
    const reply = parseReply(replies.find, await run('find', [tokenHash], { now }));
    if (reply[0] === 'none') return { kind: 'dead', ended: null };
    const [kind, id, facts, idle] = reply;
    if (kind === 'live') return { kind, session: learned(id, facts, idle, tokenHash) };
    const ended = openEnded(sealed, reply);
    if (kind === 'ended') replica.end(ended);
    else replica.expire(id);
    return { kind: 'dead', ended };
  }

  return {
    async start(session, inPlaceOf = []) {
      if (heartbeat.health().trouble === 'eviction_possible')
        throw new SessionsUnavailableError('this Redis may evict sessions; set maxmemory-policy noeviction');
      const { id, tokenHash, actor, subject, idleExpiresAt, absoluteExpiresAt, idleTimeoutMs, startedAt } =
        session;
      const times = [idleExpiresAt, absoluteExpiresAt, idleTimeoutMs].map(String);
      const args = [id, tokenHash, actor.id, subject.id, ...times, sealed.close(session), randomUUID()];
      const answer = await run('start', [...args, String(SKEW_REFUSED_MS), ...inPlaceOf], {
        now: startedAt,
      }).catch((error: unknown) => {
        ends.abandon(id, tokenHash);
        throw error;
      });
      const reply = parseReply(replies.start, answer);
      switch (reply[0]) {
        case 'started': {
          const ended = reply.slice(1).flatMap((over) => (typeof over === 'string' ? [] : claimed(over)));
          replica.learn(session);
          return { ok: true, session, ended };
        }
        case 'taken': {
          const [, by, holder, facts, idle] = reply;
          return { ok: false, taken: { by, session: openSession(sealed, holder, facts, idle) } };
        }
        case 'twice':
          throw new Error('a session id or token was used twice');
        case 'skew':
          throw new SessionsUnavailableError(`the clocks of Redis and this machine are ${reply[1]} ms apart`);
      }
    },

    find(tokenHash, now) {
      const over = replica.endedByToken(tokenHash);
      if (over !== null) return { kind: 'dead', ended: over };
      const known = replica.liveByToken(tokenHash, now);
      return known === null ? lookUp(tokenHash, now) : { kind: 'live', session: known };
    },

    async commit(tokenHash, now, touch) {
      if (replica.endedByToken(tokenHash) !== null) return null;
      const known = replica.byToken(tokenHash);
      const how = [touch ? '1' : '0', jars.knownVersion(tokenHash), known === null ? '0' : '1'];
      const reply = parseReply(replies.commit, await run('commit', [tokenHash, ...how], { now }));
      if (reply[0] === 'none') {
        if (known !== null) following.doubt();
        return null;
      }
      const [, id, facts, idle, version, sealedJar] = reply;
      replica.slide(id, idle);
      // As it is known by now: its lock may have been given back while Redis was asked.
      const session =
        known?.id === id
          ? { ...(replica.byId(id) ?? known), idleExpiresAt: idle }
          : learned(id, facts, idle, tokenHash);
      const jar = jars.opened(tokenHash, version, sealedJar);
      // Whatever Redis says, and however late: what this instance knows to be over is over.
      return replica.endedById(id) === null ? { session, jar } : null;
    },

    change: createChanges(parts),
    end: ends.end,
    acknowledge: ends.acknowledge,

    async sweep(now) {
      replica.forgetOld(now);
      const found = lost.splice(0);
      try {
        let swept: readonly EndedSession[];
        do {
          const args = [String(options.leaseMs ?? LEASE_MS), randomUUID()];
          const reply = parseReply(replies.sweep, await run('sweep', args, { now }));
          swept = reply.flatMap(claimed);
          found.push(...swept);
        } while (swept.length >= SWEPT_AT_ONCE);
      } catch (error) {
        replica.lapse(now);
        if (found.length === 0) throw error;
      }
      return found;
    },

    async list(now) {
      await following.resync();
      return replica.live(now);
    },

    liveCount: () => replica.count(),
    liveById: replica.liveById,
    liveFor: (subjectId, now) => replica.liveBySubject(subjectId, now),
    liveWithCart: (cartId, now) =>
      replica.live(now).find((session) => session.cartIds.includes(cartId)) ?? null,
    loadJar: jars.loadJar,
    saveJar: jars.saveJar,
    onEnd: replica.onEnd,
    knows: (id) => replica.byId(id) !== null,
    links: createRedisLinks(parts),
    turns: createRedisTurns(parts),
    health: heartbeat.health,

    async close() {
      heartbeat.stop();
      following.close();
      replica.close();
      opened.disconnect();
    },
  };
}
