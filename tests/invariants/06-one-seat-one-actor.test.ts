/**
 * The story: two managers helped the same shopper at the same time, one from the phone, one from the desk. Each saw the
 * other's changes as ghosts, the order went out twice, and the record could not say whose it was. At most one live
 * session per subject and per actor, settled at once, however many ask in the same instant.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { z } from 'zod';
import { jsonOf, sessionsShape } from '../security/json-of.ts';

let lenient: LenientSystem;
const MANY = 20;
const manager = (index: number): string => `u-manager${index}`;
const shopper = (index: number): string => `u-shopper${index}`;

beforeAll(async () => {
  lenient = await startLenientSystem();
  for (let index = 0; index < MANY; index += 1) {
    const common = { market: 'valley', active: true };
    lenient.upstream.people.set(manager(index), {
      name: `Manager ${index}`,
      roles: ['market_manager'],
      ...common,
    });
    lenient.upstream.people.set(shopper(index), { name: `Shopper ${index}`, roles: ['shopper'], ...common });
  }
});
afterAll(() => lenient.close());

type Start = {
  readonly status: number;
  readonly code: string | null;
  readonly detail: string | null;
  readonly by: string | null;
};

async function start(actor: string, subject: string): Promise<Start> {
  const response = await lenient.person(actor).send('POST', '/_act-as/sessions', { subject });
  const {
    code = null,
    detail = null,
    fault = null,
  } = await jsonOf(
    response,
    z.looseObject({ code: z.string(), detail: z.string(), fault: z.string() }).partial(),
  );
  return { status: response.status, code, detail, by: fault };
}

async function live(): Promise<z.infer<typeof sessionsShape>['sessions']> {
  return (await jsonOf(await lenient.person('u-mia').get('/_act-as/sessions'), sessionsShape)).sessions;
}

async function endAll(): Promise<void> {
  for (const { id } of await live()) {
    expect((await lenient.person('u-mia').send('POST', `/_act-as/sessions/${id}/stop`)).status).toBe(200);
  }
}

test('of twenty managers who want one seat in the same instant exactly one gets it, and the others learn whose it is', async () => {
  const starts = await Promise.all(
    Array.from({ length: MANY }, (_, index) => start(manager(index), 'u-sam')),
  );
  expect(starts.filter(({ status }) => status === 201)).toHaveLength(1);
  const refused = starts.filter(({ status }) => status === 409);
  expect(refused).toHaveLength(MANY - 1);
  const [session] = await live();
  const holder = lenient.upstream.people.get(session?.actor.id ?? '')?.name ?? '?';
  for (const { code, detail, by } of refused) {
    expect([code, by]).toEqual(['seat_taken', 'subject']);
    expect(detail).toContain(`${holder} is already acting as Sam Whitaker, since Apr 14, 12:00 PM EDT.`);
  }
  expect(await live()).toHaveLength(1);
  await endAll();
});

test('of twenty seats that one manager wants in the same instant exactly one is given', async () => {
  const starts = await Promise.all(
    Array.from({ length: MANY }, (_, index) => start(manager(0), shopper(index))),
  );
  expect(starts.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(starts.filter(({ status, by }) => status === 409 && by === 'actor')).toHaveLength(MANY - 1);
  expect(await live()).toHaveLength(1);
  await endAll();
});

test('twenty managers for twenty shoppers, everybody for everybody: nobody sits twice and no seat holds two', async () => {
  const pairs = Array.from(
    { length: 100 },
    (_, index) => [manager(index % MANY), shopper((index * 7) % MANY)] as const,
  );
  const starts = await Promise.all(pairs.map(([actor, subject]) => start(actor, subject)));
  const sessions = await live();
  expect(starts.filter(({ status }) => status === 201)).toHaveLength(sessions.length);
  expect(sessions.length).toBeGreaterThan(0);
  expect(new Set(sessions.map(({ actor }) => actor.id)).size).toBe(sessions.length);
  expect(new Set(sessions.map(({ subject }) => subject.id)).size).toBe(sessions.length);
  await endAll();
});

test('a refused start changes nothing: the session that holds the seat goes on, and no row was written for the other', async () => {
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  const rows = (await lenient.events()).length;
  expect(await start('u-mo', 'u-sam')).toMatchObject({ status: 409, by: 'subject' });
  expect(await start('u-mia', 'u-sue')).toMatchObject({ status: 409, by: 'actor' });
  expect((await mia.get('/market')).status).toBe(200);
  expect((await lenient.events()).length).toBe(rows);
  await mia.stop();
  // Free again at once, for anybody.
  expect((await start('u-mo', 'u-sam')).status).toBe(201);
  await endAll();
});
