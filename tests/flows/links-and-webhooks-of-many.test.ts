/** Links, bearers and webhooks where two gateways share a Redis: whatever is good once is good once for both together. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startReceiver, type Receiver } from '../gateway/webhooks/receiver.ts';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { jsonOf } from '../security/json-of.ts';
import { startGateways, type Gateways, type Instance } from './gateways.ts';

const PATIENCE = { timeout: 10_000, interval: 25 };
const made = z.looseObject({ url: z.string() });
const issued = z.looseObject({ token: z.string() });

let folder: string;
let redis: RedisServer;
let receiver: Receiver;
let all: Gateways;
let here: Instance;
let there: Instance;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-hooks-'));
  writeFileSync(join(folder, 'secret'), `whsec_${randomBytes(32).toString('base64')}\n`);
  redis = await startRedis();
  receiver = await startReceiver();
  const webhooks = `
webhooks:
  - { id: shop, url: '${receiver.url}', secret_file: ${join(folder, 'secret')}, allow_http: true, allow_private: true }
`;
  all = await startGateways([redis.url, redis.url], { editGateway: (yaml) => yaml + webhooks });
  const [first, second] = all.instances;
  if (first === undefined || second === undefined) throw new Error('there should be two');
  [here, there] = [first, second];
});
afterAll(async () => {
  await all.close();
  await receiver.close();
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('two gateways', () => {
  it('let one of many clicks on a link through, wherever they are made', async () => {
    const mia = all.person('u-mia', here);
    const link = await mia.send('POST', '/_act-as/links', { subject: 'u-sam', actor: 'u-mo' });
    const { url } = await jsonOf(link, made);
    const path = new URL(url).pathname;
    const clicks = Array.from({ length: 10 }, (_, index) =>
      all.person('u-mo', index % 2 === 0 ? here : there),
    );
    const answers = await Promise.all(clicks.map((who) => who.send('POST', path)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(9);
    const seated = clicks.find((who) => who.cookies.has('act_as'));
    if (seated === undefined) throw new Error('nobody sits');
    expect((await all.sentTo(seated, there).stop()).status).toBe(200);
    expect((await all.events()).filter(({ event }) => event === 'start')).toHaveLength(1);
  });

  it('know a bearer of either, and that it is over', async () => {
    const mia = all.person('u-mia', here);
    const { token } = await jsonOf(await mia.send('POST', '/_act-as/tokens', { subject: 'u-sam' }), issued);
    const elsewhere = all.sentTo(mia, there);
    const acting = { 'act-as': token };
    expect((await elsewhere.send('POST', '/api/orders', {}, acting)).status).toBe(201);
    expect((await mia.send('POST', '/_act-as/stop', undefined, acting)).status).toBe(200);
    await vi.waitFor(
      async () => expect((await elsewhere.get('/api/cart', acting)).status).toBe(401),
      PATIENCE,
    );
  });

  it('tell a webhook once, together, and one goes on where the other stops', async () => {
    // What it hears of begins where it is looked at first.
    await vi.waitFor(async () => {
      const { seq } = await all.audit.head();
      expect(await here.sessions.turns?.noted('webhook:shop')).toBe(seq);
    }, PATIENCE);
    const before = receiver.received.length;
    const act = async (at: Instance): Promise<void> => {
      const mo = all.person('u-mo', at);
      await mo.actAs('u-sue');
      await mo.stop();
    };
    await act(here);
    await act(there);
    await vi.waitFor(() => expect(receiver.received.length).toBe(before + 4), PATIENCE);
    await here.gateway.close();
    await act(there);
    await vi.waitFor(() => expect(receiver.received.length).toBe(before + 6), PATIENCE);
    const ids = receiver.received.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
