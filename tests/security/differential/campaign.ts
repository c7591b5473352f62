/** Sends generated requests through a gateway, and reports every one for which a router ran a handler that must not run. */
import { sample } from 'fast-check';
import { visitor } from '../../visitor.ts';
import { startSystem } from '../../system.ts';
import { cookiesOf } from '../lenient-system.ts';
import type { Campaign } from './campaigns.ts';
import { anyAttack, rawOf } from './generate.ts';
import { keepAliveClient } from './keep-alive-client.ts';
import { startDifferentialUpstream, type DifferentialUpstream } from './upstream.ts';

export type CampaignOptions = Omit<Campaign, 'name'> & {
  readonly seed: number;
  readonly requests: number;
  /** One request of so many is also sent to the routers directly, to see what it could have done. */
  readonly directEvery: number;
};

export type Leak = { readonly sent: string; readonly forwarded: string; readonly ran: readonly string[] };

export type CampaignReport = {
  readonly sent: number;
  readonly refused: number;
  readonly forwarded: number;
  /** Handlers that ran for forwarded requests, over all routers. */
  readonly ran: number;
  readonly sentDirectly: number;
  /** Of those sent directly: how many ran a handler somewhere that must not run. */
  readonly harmful: number;
  readonly leaks: readonly Leak[];
};

const AT_ONCE = 16;
const BATCH = 2_000;

export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const upstream = await startDifferentialUpstream();
  const system = await startSystem({
    upstreamUrl: upstream.url,
    editPolicy: () => options.policy,
    editGateway: (yaml) =>
      `${yaml}\nsettling: ${options.settling}\nlimits: { blocked_rows_per_minute: 100000 }\n`,
  });
  try {
    const mia = visitor(system.url);
    mia.cookies.set('market_session', 'u-mia');
    await mia.actAs('u-sam');
    const { host } = new URL(system.url);
    return await attack(system.url, [`Host: ${host}`, `Cookie: ${cookiesOf(mia)}`], upstream, options);
  } finally {
    await system.close();
    await upstream.close();
  }
}

async function attack(
  url: string,
  head: readonly string[],
  upstream: DifferentialUpstream,
  { seed, requests, directEvery, mayRun }: CampaignOptions,
): Promise<CampaignReport> {
  const count = { sent: 0, refused: 0, forwarded: 0, ran: 0, sentDirectly: 0, harmful: 0 };
  const leaks: Leak[] = [];
  const host = head[0]?.replace('Host: ', '') ?? '';

  async function one(raw: string, client: ReturnType<typeof keepAliveClient>): Promise<void> {
    count.sent += 1;
    if (count.sent % directEvery === 0) {
      count.sentDirectly += 1;
      const executions = await upstream.runDirectly(raw.replace('\r\n', '\r\nConnection: close\r\n'));
      if (executions.some(({ route }) => !mayRun(route))) count.harmful += 1;
    }
    const answer = await client.send(raw);
    const forwarded = upstream.takeExecutions(answer?.header('x-request-id') ?? '');
    if (forwarded === undefined) {
      count.refused += 1;
      return;
    }
    count.forwarded += 1;
    count.ran += forwarded.executions.length;
    const bad = forwarded.executions.filter(({ route }) => !mayRun(route));
    if (bad.length === 0) return;
    leaks.push({
      sent: raw,
      forwarded: forwarded.raw,
      ran: bad.map(({ router, route }) => `${route} in ${router}`),
    });
  }

  for (let done = 0; done < requests; done += BATCH) {
    const attacks = sample(anyAttack, { seed: seed + done, numRuns: Math.min(BATCH, requests - done) });
    const queue = attacks.map((each) => rawOf(each, head).replaceAll('{host}', host)).values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const client = keepAliveClient(url);
        for (const raw of queue) await one(raw, client);
        client.close();
      }),
    );
  }
  return { ...count, leaks };
}
