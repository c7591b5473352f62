/** Changes of live sessions, in memory and in a Redis of the test's own. */
import { afterAll, beforeAll } from 'vitest';
import { createMemorySessionStore } from '../../../gateway/sessions/index.ts';
import { sessionChangesContract } from '../../contract/session-changes.contract.ts';
import { startRedis, type RedisServer } from '../../redis-server.ts';
import { openRedisStore } from './redis/open-store.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

sessionChangesContract('in memory', async () => createMemorySessionStore());
sessionChangesContract('in Redis', (clock) => openRedisStore(redis.url, clock));
