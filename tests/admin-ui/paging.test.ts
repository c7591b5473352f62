/** Pages begin at fixed places in the record: rows written while someone reads shift nothing, and the way back is the way there. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditDesk, HILL, PEOPLE, type AuditDesk } from './audit-desk.ts';
import { pagerLink, rowsOf } from './rows.ts';
import { told } from './told.ts';

const LOG = '/admin/impersonation-audit';
const START = Date.parse('2026-04-17T14:00:00Z');

let desk: AuditDesk;
beforeAll(async () => {
  desk = await auditDesk();
  // Every third row is of the other market, so that a market's pages are not simply ranges of numbers.
  for (let i = 0; i < 180; i += 1) await record(i);
});
afterAll(() => desk.close());

function record(i: number): Promise<void> {
  const foreign = { market: HILL, actor: PEOPLE.max, subject: PEOPLE.hal };
  return desk.record(START + i * 1000, { sessionId: `s${i}`, ...(i % 3 === 0 && foreign) });
}

async function open(path: string): Promise<string> {
  const answer = await desk.get(path, 'mia');
  expect(answer.status).toBe(200);
  return answer.text();
}

const OWN = Array.from({ length: 180 }, (_, i) => i)
  .filter((i) => i % 3 !== 0)
  .map((i) => i + 1)
  .toReversed();

it('Older leads through every row once, fifty at a time, and Newer leads back over the same pages', async () => {
  const pages: (readonly number[])[] = [];
  const addresses: string[] = [];
  let address: string | null = `${LOG}?event=action`;
  let page = '';
  while (address !== null) {
    addresses.push(address);
    page = await open(address);
    pages.push(rowsOf(page));
    address = pagerLink(page, 'next');
  }
  expect(pages.map((rows) => rows.length)).toEqual([50, 50, 20]);
  expect(pages.flat()).toEqual(OWN);

  const back: (readonly number[])[] = [pages.at(-1) ?? []];
  for (let newer = pagerLink(page, 'prev'); newer !== null; newer = pagerLink(page, 'prev')) {
    expect(addresses).toContain(newer);
    page = await open(newer);
    back.push(rowsOf(page));
  }
  expect(back).toEqual(pages.toReversed());
});

it('A page that was opened stays what it was while rows are added', async () => {
  const older = pagerLink(await open(LOG), 'next') ?? '';
  const before = await open(older);
  for (let i = 180; i < 190; i += 1) await record(i);
  const after = await open(older);
  expect(rowsOf(after)).toEqual(rowsOf(before));
  expect(pagerLink(after, 'next')).toBe(pagerLink(before, 'next'));
  expect(rowsOf(await open(LOG))[0]).toBe(190 - 1);
});

it('The first page has no way to newer ones, and one page alone has no pager', async () => {
  expect(pagerLink(await open(LOG), 'prev')).toBeNull();
  expect(await open(`${LOG}?manager=nobody`)).not.toContain('class="pager"');
});

it('A page beyond the end says so', async () => {
  expect(await open(`${LOG}?cursor=1`)).toContain('There is nothing older');
});

it('Programs page by the cursor they are given', async () => {
  const seen: number[] = [];
  let cursor: number | null = null;
  do {
    const answer = await desk.get(
      `${LOG}/events.json?limit=37&to=2026-04-17${cursor === null ? '' : `&cursor=${cursor}`}`,
      'mia',
    );
    const body = await told(answer);
    seen.push(...body.events.map((event) => event.seq));
    cursor = body.next;
  } while (cursor !== null);
  expect(seen).toHaveLength(126);
  expect(seen.filter((seq) => seq <= 180)).toEqual(OWN);
});
