/** What the people at a gateway see while its record is in trouble, and after it no longer is. */
import { expect } from 'vitest';
import { verifyRecord, type VerifyResult } from '../../audit-store/index.ts';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { visitor } from '../visitor.ts';
import type { FaultyGateway } from './faulty-gateway.ts';
import type { Onlookers } from './onlookers.ts';

const readiness = async (system: FaultyGateway): Promise<number> =>
  (await fetch(`${system.gateway.privateUrl}/_act-as/health/ready`)).status;

export async function unready(system: FaultyGateway): Promise<void> {
  await expect.poll(() => readiness(system), { timeout: 30_000 }).toBe(503);
}

async function lastEvents(system: FaultyGateway, count: number): Promise<readonly string[]> {
  const reviewer = visitor(system.gateway.url);
  reviewer.cookies.set('market_session', 'u-root');
  const rows = await eventsSeenBy(reviewer);
  return rows.slice(-count).map(({ event, outcome, details }) => {
    const note = typeof details['note'] === 'string' ? `: ${details['note']}` : '';
    return `${event} ${outcome}${note}`;
  });
}

type Told = { readonly acting: string; readonly ordinary: string; readonly reviewing: string };

/** Everybody looks, Mia stops, and then nothing of what was refused has reached the market app. */
export async function look(system: FaultyGateway, people: Onlookers): Promise<Told> {
  system.upstream.forget();
  const acting = await people.acting();
  expect(system.upstream.executed.filter(({ method, as }) => method !== 'GET' && as === 'u-sam')).toEqual([]);
  const [ordinary, reviewing] = [await people.ordinary(), await people.reviewing()];
  return { acting: `${acting}, ${await people.stopping()}`, ordinary, reviewing };
}

/** After the cause is gone: ready again without anybody's doing, the end that waited is there, and acting works. */
export async function healed(
  system: FaultyGateway,
  people: Onlookers,
  verify: () => Promise<VerifyResult> = () => verifyRecord(system.auditFile),
): Promise<string> {
  await expect.poll(() => readiness(system), { timeout: 30_000 }).toBe(200);
  expect((await lastEvents(system, 1))[0]).toBe('stop ok');
  await people.seat();
  expect((await people.mia.send('POST', '/api/orders', {})).status).toBe(201);
  await people.mia.stop();
  expect(await lastEvents(system, 3)).toEqual(['start ok', 'action ok', 'stop ok']);
  expect(await verify()).toMatchObject({ ok: true });
  return 'whole; the end that waited was written first, and acting went on by itself';
}
