import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { openPostgresAuditStore, type Turns } from '../../audit-store/index.ts';
import { startPostgres, type PostgresServer } from '../postgres-server.ts';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { corner } from '../gateway/sessions/redis/open-store.ts';
import { turnsContract } from './turns.contract.ts';

let names = 0;
const newName = (): string => `work ${(names += 1)}`;

function kept(turns: Turns | null): Turns {
  if (turns === null) throw new Error('it keeps no turns');
  return turns;
}

describe('turns in PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.schema();
  });
  afterAll(() => server.remove());

  const open = async (): Promise<Turns> => {
    const store = await openPostgresAuditStore({ url, clock: Date });
    onTestFinished(() => store.close());
    return kept(store.turns());
  };
  turnsContract(async () => ({ here: await open(), there: await open(), name: newName() }));
});

describe('turns in Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.close());

  turnsContract(async () => {
    const { open } = corner(() => server.url, onTestFinished);
    const [here, elsewhere] = [await open(), await open()];
    return { here: kept(here.turns), there: kept(elsewhere.turns), name: newName() };
  });
});
