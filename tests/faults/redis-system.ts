/** Gateways on one Redis that a test can trouble: three people at one of them, two sessions, and what everybody saw. */
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { verifyRecord } from '../../audit-store/index.ts';
import { startGateways, type Gateways, type GatewaysOptions, type Instance } from '../flows/gateways.ts';
import { jsonOf, sessionsShape } from '../security/json-of.ts';
import { onlookers, told, type Onlookers } from './onlookers.ts';

export type Told = { readonly acting: string; readonly ordinary: string; readonly reviewing: string };

export type RedisSystem = {
  readonly all: Gateways;
  /** The instance that everybody is at. */
  readonly one: Instance;
  readonly people: Onlookers;
  /** Mia in Sam's seat, and May in Sol's. */
  seat(): Promise<void>;
  /** Everybody looks, a reviewer ends May's session, Mia hers; nothing that was refused reached the market app. */
  look(): Promise<Told>;
  /** Waits until the health check says this of the sessions. */
  says(trouble: string): Promise<void>;
  /** Waits until nothing is wrong any more. */
  ready(): Promise<void>;
  /** After `look`: what was stopped meanwhile has ended once and stays so, and acting goes on by itself. */
  healed(): Promise<string>;
  /** `name: start … stop` of each session, oldest first, from a record that must be whole. */
  lives(): Promise<readonly string[]>;
};

/** Nobody may have to wait as long for any answer; nearly everybody waits for nothing. */
const WITHIN_MS = 1_500;
const HEALED_MS = 30_000;

export async function startRedisSystem(
  redisUrls: readonly string[],
  options: GatewaysOptions = {},
): Promise<RedisSystem> {
  const all = await startGateways(redisUrls, options);
  onTestFinished(() => all.close());
  const one = instanceOf(all, 0);
  const common = { market: 'valley', active: true };
  all.upstream.people.set('u-may', { name: 'May Third', roles: ['market_manager'], ...common });
  all.upstream.people.set('u-sol', { name: 'Sol Ortega', roles: ['shopper'], ...common });
  const people = onlookers(one.gateway, WITHIN_MS);
  let mays = '';

  async function endMays(): Promise<string> {
    const began = performance.now();
    const answer = await told(all.person('u-root', one).send('POST', `/_act-as/sessions/${mays}/stop`));
    expect(performance.now() - began, 'ending another’s').toBeLessThan(WITHIN_MS);
    return `ending another’s session ${answer}`;
  }

  const health = z.looseObject({ checks: z.looseObject({ sessions: z.string() }) });
  async function says(trouble: string): Promise<void> {
    const ask = async (): Promise<string> =>
      (await jsonOf(await fetch(`${one.gateway.privateUrl}/_act-as/health/ready`), health)).checks.sessions;
    await expect.poll(ask, { timeout: HEALED_MS }).toBe(trouble);
  }

  async function lives(): Promise<readonly string[]> {
    expect(await verifyRecord(all.auditFile)).toMatchObject({ ok: true });
    const found = new Map<string, string[]>();
    for (const { session_id: id, manager_name: name, event, action } of await all.events()) {
      if (event === 'action') continue;
      const what = event === 'start' ? 'start' : String(action);
      found.set(id, [...(found.get(id) ?? [`${name.split(' ')[0]}:`]), what]);
    }
    return [...found.values()].map((words) => words.join(' '));
  }

  return {
    all,
    one,
    people,
    async seat() {
      await people.seat();
      await all.person('u-may', one).actAs('u-sol');
      const { sessions } = await jsonOf(
        await all.person('u-root', one).get('/_act-as/sessions'),
        sessionsShape,
      );
      mays = sessions.find(({ actor }) => actor.id === 'u-may')?.id ?? '';
    },
    async look() {
      all.upstream.forget();
      const acting = await people.acting();
      const wrote = all.upstream.executed.filter(({ method, as }) => method !== 'GET' && as === 'u-sam');
      expect(wrote).toHaveLength(acting.includes('writes 201') ? 1 : 0);
      const ordinary = await people.ordinary();
      const reviewing = await people.reviewing();
      const others = await endMays();
      return {
        acting: `${acting}, ${await people.stopping()}`,
        ordinary,
        reviewing: `${reviewing}, ${others}`,
      };
    },
    says,
    ready: () => says('ok'),
    lives,
    async healed() {
      await says('ok');
      const start = (): Promise<string> =>
        told(people.mia.send('POST', '/_act-as/sessions', { subject: 'u-sam' }));
      await expect.poll(start, { timeout: HEALED_MS }).toBe('201');
      expect((await people.mia.send('POST', '/api/orders', {})).status).toBe(201);
      await people.mia.stop();
      const known = (await lives()).filter((life) => !life.startsWith('Mo:'));
      const stopped = ['Mia: start stop_acting', 'May: start stopped_by_reviewer', 'Mia: start stop_acting'];
      expect(known).toEqual(stopped);
      return 'whole; what was stopped meanwhile has one end each and stays ended, and acting goes on by itself';
    },
  };
}

function instanceOf({ instances }: Gateways, index: number): Instance {
  const instance = instances[index];
  if (instance === undefined) throw new Error('there is no such instance');
  return instance;
}
