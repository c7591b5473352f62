/**
 * The story: a market ran two gateways over one record in PostgreSQL, and no Redis. The shop was told of every order twice,
 * and booked some of them twice. One gateway tells it at a time, and where that one dies the other goes on.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { raw } from '../audit-store/postgres-record.ts';
import { startReceiver, type Received, type Receiver } from '../gateway/webhooks/receiver.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { type GatewayProcess, startGatewayProcess, writeSetup } from '../security/gateway-process.ts';
import { startLenientUpstream, type LenientUpstream } from '../security/lenient-upstream.ts';
import { visitor } from '../visitor.ts';

// A turn that nobody takes again lasts for some fifteen seconds beyond a delivery.
vi.setConfig({ testTimeout: 90_000 });

let server: PostgresServer;
let upstream: LenientUpstream;
beforeAll(async () => {
  server = await startPostgres();
  upstream = await startLenientUpstream();
});
afterAll(async () => {
  await upstream.close();
  await server.remove();
});

type Pair = {
  readonly gateways: readonly [GatewayProcess, GatewayProcess];
  readonly receiver: Receiver;
  readonly url: string;
};

/** Two gateways on two machines, as it were: nothing is theirs in common but PostgreSQL and the app. */
async function pair(): Promise<Pair> {
  const url = await server.schema();
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const start = async (): Promise<GatewayProcess> => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-hooks-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'secret'), `whsec_${randomBytes(32).toString('base64')}\n`);
    const webhooks = `
webhooks:
  - { id: shop, url: '${receiver.url}', secret_file: secret, timeout: 2s, allow_http: true, allow_private: true }
`;
    const file = writeSetup(folder, { gateway: (yaml) => yaml + webhooks });
    const gateway = await startGatewayProcess(file, { UPSTREAM_URL: upstream.url, AUDIT_URL: url });
    onTestFinished(() => gateway.kill('SIGKILL'));
    return gateway;
  };
  const gateways = [await start(), await start()] as const;
  // What it hears of begins where it is looked at first.
  await vi.waitFor(async () => expect(await noted(url)).not.toBeNull(), { timeout: 20_000 });
  return { gateways, receiver, url };
}

async function noted(url: string): Promise<unknown> {
  const [turn] = await raw(url, `SELECT far FROM turns WHERE name = 'webhook:shop'`);
  return turn?.['far'] ?? null;
}

/** Two events. */
async function oneSession(at: GatewayProcess): Promise<void> {
  const mia = visitor(at.url);
  mia.cookies.set('market_session', 'u-mia');
  await mia.actAs('u-sam');
  await mia.stop();
}

async function hasDelivered(gateway: GatewayProcess): Promise<boolean> {
  const metrics = await (await fetch(`${gateway.privateUrl}/_act-as/metrics`)).text();
  return /understudy_webhooks_total\{id="shop",what="delivered"\} [1-9]/.test(metrics);
}

const seqs = (received: readonly Received[]): readonly number[] =>
  received.map(({ id }) => Number(/^evt_(\d+)_/.exec(id)?.[1]));

test('whoever has the turn tells of all, and the other goes on when it is killed half-way', async () => {
  const { gateways, receiver, url } = await pair();
  const [here, there] = gateways;
  await oneSession(here);
  await oneSession(there);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(4), { timeout: 20_000 });
  const senders = await Promise.all(gateways.map(hasDelivered));
  expect(senders.filter(Boolean)).toHaveLength(1);
  const [sender, other] = senders[0] === true ? [here, there] : [there, here];

  // The first of the next four is taken; over the second the sender dies.
  receiver.behave((_request, response) => {
    if (receiver.received.length === 5) response.writeHead(204).end();
    else sender.kill('SIGKILL');
  });
  await oneSession(other);
  await oneSession(other);
  await sender.ended;
  receiver.behave(null);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(9), { timeout: 40_000, interval: 100 });

  const told = seqs(receiver.received);
  const events = (await raw(url, `SELECT seq FROM entries WHERE kind = 'event' ORDER BY seq`)).map(
    ({ seq }) => Number(seq),
  );
  // All of them and in their order; only the one under way a second time, under the same id.
  expect(told.toSpliced(5, 1)).toEqual(events);
  expect(receiver.received[6]?.id).toBe(receiver.received[5]?.id);
  await oneSession(other);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(11), { timeout: 20_000 });
});

test('one that is stopped in order hands over at once', async () => {
  const { gateways, receiver } = await pair();
  const [here, there] = gateways;
  await oneSession(here);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(2), { timeout: 20_000 });
  const [sender, other] = (await hasDelivered(here)) ? [here, there] : [there, here];
  sender.kill('SIGTERM');
  await sender.ended;
  await oneSession(other);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(4), { timeout: 12_000 });
  const ids = receiver.received.map(({ id }) => id);
  expect(new Set(ids).size).toBe(4);
});
