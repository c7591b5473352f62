/** What an open page of the log is told of events that came after it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonOf } from '../security/json-of.ts';
import { auditDesk, HILL, PEOPLE, type AuditDesk, type Who } from './audit-desk.ts';

const NEWER = '/admin/impersonation-audit/newer.json';

let desk: AuditDesk;
beforeEach(async () => {
  desk = await auditDesk();
});
afterEach(() => desk.close());

async function ask(query: string, who: Who): Promise<number> {
  const answer = await desk.get(`${NEWER}?${query}`, who);
  expect(answer.status).toBe(200);
  return (await jsonOf(answer, z.object({ newer: z.number() }))).newer;
}

const soon = Date.parse('2026-04-20T16:00:00Z');
const inHill = { market: HILL, actor: PEOPLE.max, subject: PEOPLE.hal };

it('An answer waits for an event, and comes as soon as there is one', async () => {
  await desk.record(soon, {});
  const asked = ask('after=1', 'root');
  const early = await Promise.race([asked, new Promise((go) => setTimeout(go, 100, 'waiting'))]);
  expect(early).toBe('waiting');
  const began = performance.now();
  await desk.record(soon, {});
  expect(await asked).toBe(1);
  expect(performance.now() - began).toBeLessThan(2000);
});

it('Only what matches the filters, and what the reviewer may see, is counted', async () => {
  for (let i = 0; i < 3; i += 1) await desk.record(soon, {});
  for (let i = 0; i < 2; i += 1) await desk.record(soon, inHill);
  await desk.record(soon, { event: 'blocked', outcome: 'blocked' });
  expect(await ask('after=0', 'root')).toBe(6);
  expect(await ask('after=0', 'max')).toBe(2);
  expect(await ask('after=4', 'max')).toBe(1);
  expect(await ask('after=0&event=blocked', 'mia')).toBe(1);
});

it('Beyond a hundred nobody counts, and nobody waits', async () => {
  for (let i = 0; i < 101; i += 1) await desk.record(soon, {});
  expect(await ask('after=0&known=100', 'root')).toBe(100);
});

it.each([
  ['nobody', 'after=0', 401],
  ['sam', 'after=0', 403],
  ['max', 'after=0&market=valley', 422],
  ['root', 'after=-1', 422],
  ['root', 'after=1&cursor=3', 422],
] as const)('%s who asks for %s gets %i', async (who, query, status) => {
  expect((await desk.get(`${NEWER}?${query}`, who)).status).toBe(status);
});

it('Reading how many there are is no reading of the record, and not noted as one', async () => {
  await desk.record(soon, {});
  await ask('after=0', 'root');
  expect(desk.reads).toEqual([]);
});
