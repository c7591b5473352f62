/**
 * The story: every proxy that was ever walked around had decided with care, on a path that was not the one its app
 * routed by. So the apps are real here: fifteen routers and servers, each with the same routes, given exactly what the gateway
 * forwards. Whatever is generated, a handler that the policy blocks must run in none of them. The seed stands here, so
 * that what passes once passes again; `npm run torture:policy` goes on from a new one, a hundred thousand times.
 */
import { describe, expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { CAMPAIGNS } from './campaigns.ts';
import { BLOCKING } from './routes.ts';

const REQUESTS = 1_600;
/** It once found a way round: a semicolon cut off before decoding. */
const SEED = 1053427479;

describe('no generated request makes any router run a handler that must not run', () => {
  test.each(CAMPAIGNS)('$name', { timeout: 60_000 }, async (campaign) => {
    const report = await runCampaign({ ...campaign, seed: SEED, requests: REQUESTS, directEvery: 20 });
    expect(report.leaks).toEqual([]);
    expect(report.sent).toBe(REQUESTS);
    expect(report.ran, 'enough of them reach some handler').toBeGreaterThan(REQUESTS / 50);
    expect(report.harmful, 'enough of them would do harm if nobody stood in front').toBeGreaterThan(
      report.sentDirectly / 20,
    );
  });
});

test('a leak would be seen: without the rules that block, the same requests run blocked handlers in every router', async () => {
  const policy = BLOCKING.replaceAll('effect: block', 'effect: allow');
  const [strict] = CAMPAIGNS;
  if (strict === undefined) throw new Error('there is no campaign');
  const { leaks } = await runCampaign({ ...strict, policy, seed: 1, requests: 600, directEvery: 100 });
  const routers = new Set(leaks.flatMap(({ ran }) => ran.map((line) => line.split(' in ')[1])));
  expect(routers.size).toBe(15);
});
