/** Who may read the record, and whose part of it: a manager of one market must never learn what happened in another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDesk, type AuditDesk, type Who } from './audit-desk.ts';
import { rowsOf } from './rows.ts';
import { recordTwoMarkets } from './two-markets.ts';

const LOG = '/admin/impersonation-audit';
const READS = [
  LOG,
  `${LOG}/events.json`,
  `${LOG}/export.csv`,
  `${LOG}/sessions/session-a`,
  `${LOG}/sessions/session-b`,
];

let desk: AuditDesk;
beforeAll(async () => {
  desk = await auditDesk();
  await recordTwoMarkets(desk);
});
afterAll(() => desk.close());

const TABLE: readonly { who: Who; valley: number; hill: number; log: number; code?: string; rows: number }[] =
  [
    { who: 'nobody', log: 401, valley: 401, hill: 401, code: 'not_signed_in', rows: 0 },
    { who: 'sam', log: 403, valley: 403, hill: 403, code: 'not_allowed', rows: 0 },
    { who: 'adrift', log: 403, valley: 403, hill: 403, code: 'not_allowed', rows: 0 },
    { who: 'unknown', log: 503, valley: 503, hill: 503, code: 'identity_unavailable', rows: 0 },
    { who: 'mia', log: 200, valley: 200, hill: 404, rows: 8 },
    { who: 'max', log: 200, valley: 404, hill: 200, rows: 3 },
    { who: 'root', log: 200, valley: 200, hill: 200, rows: 11 },
  ];

describe.each(TABLE)('$who', ({ who, log, valley, hill, code, rows }) => {
  it('is answered as the table of who may see what says, by every way of reading', async () => {
    const answers = await Promise.all(READS.map((path) => desk.get(path, who)));
    expect(answers.map((answer) => answer.status)).toEqual([log, log, log, valley, hill]);
    const [page] = answers;
    const body = (await page?.text()) ?? '';
    expect(rowsOf(body)).toHaveLength(rows);
    expect(/"code":"(\w+)"/.exec(body)?.[1]).toBe(code);
  });
});

describe('A reviewer of one market', () => {
  it.each([
    'market=hill',
    'market=',
    'manager=max',
    'customer=hal%40hill.example',
    'from=2026-04-18&to=2026-04-18',
  ])('gets nothing of another market by asking for %s', async (query) => {
    for (const path of ['', '/events.json', '/export.csv']) {
      const answer = await desk.get(`${LOG}${path}?${query}`, 'mia');
      const body = await answer.text();
      // The search itself is echoed in the form; nothing else of the other market may appear.
      expect(body).not.toMatch(/Hal Nakamura|Max Okafor|session-b|Hill Market/);
    }
  });

  it('is told plainly that another market cannot be asked for', async () => {
    const answer = await desk.get(`${LOG}?market=hill`, 'mia');
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('You see your own market only.');
    const program = await desk.get(`${LOG}/events.json?market=hill`, 'mia');
    expect(program.status).toBe(422);
    expect(await program.json()).toMatchObject({ code: 'invalid_request', errors: [{ field: 'market' }] });
  });

  it('may name their own market', async () => {
    const answer = await desk.get(`${LOG}?market=valley`, 'mia');
    expect(rowsOf(await answer.text())).toHaveLength(8);
  });

  it('has no market field on the form, and a superuser has', async () => {
    expect(await (await desk.get(LOG, 'mia')).text()).not.toContain('name="market"');
    expect(await (await desk.get(LOG, 'root')).text()).toContain('name="market"');
  });

  it('cannot tell a session of another market from one that never was', async () => {
    const foreign = await desk.get(`${LOG}/sessions/session-b`, 'mia');
    const unknown = await desk.get(`${LOG}/sessions/session-x`, 'mia');
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    expect(await withoutId(foreign)).toBe(await withoutId(unknown));
  });
});

it('Every read of the record is told to whoever keeps the log, with its reader and what they were shown', async () => {
  desk.reads.length = 0;
  await (await desk.get(`${LOG}?event=blocked`, 'mia')).text();
  await (await desk.get(`${LOG}/events.json?limit=2`, 'root')).text();
  await (await desk.get(`${LOG}/export.csv`, 'max')).text();
  await (await desk.get(`${LOG}/sessions/session-b`, 'max')).text();
  await (await desk.get(`${LOG}?event=nonsense`, 'mia')).text();
  await expect.poll(() => desk.reads).toHaveLength(4);
  const told = desk.reads.map(({ by, what, rows, complete }) => [by.name, what, rows, complete]);
  expect(told).toEqual([
    ['Mia Alvarez', 'page', 1, true],
    ['Robin Root', 'events', 2, true],
    ['Max Okafor', 'export', 3, true],
    ['Max Okafor', 'session', 3, true],
  ]);
  expect(desk.reads[0]?.filter).toEqual({ event: 'blocked', market: 'valley' });
});

it.each([
  LOG,
  `${LOG}/events.json`,
  `${LOG}/export.csv`,
  `${LOG}/sessions/session-a`,
  `${LOG}/sessions/nothing`,
])('An answer of %s may be neither framed, cached, sniffed nor made to run foreign code', async (path) => {
  const { headers } = await desk.get(path, 'mia');
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
});

it('A slash too many at the end leads to the log, filters and all', async () => {
  const answer = await desk.get(`${LOG}/?event=blocked&manager=mia`, 'mia');
  expect(answer.status).toBe(308);
  expect(answer.headers.get('location')).toBe(`${LOG}?event=blocked&manager=mia`);
});

it('The style sheet is for everyone, and may be kept only under the address of its content', async () => {
  const page = await (await desk.get(LOG, 'mia')).text();
  const href = /href="([^"]*admin\.css[^"]*)"/.exec(page)?.[1]?.replaceAll('&#61;', '=') ?? '';
  const kept = await desk.get(href, 'nobody');
  expect(kept.status).toBe(200);
  expect(kept.headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(kept.headers.get('cache-control')).toContain('immutable');
  const plain = await desk.get(`${LOG}/assets/admin.css?v=older`, 'nobody');
  expect(plain.headers.get('cache-control')).toBe('no-cache');
});

async function withoutId(answer: Response): Promise<string> {
  return (await answer.text()).replace(/req-\w+/, '');
}
