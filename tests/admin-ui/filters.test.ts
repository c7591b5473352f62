/** Filters combine with AND, an empty one restricts nothing, and none is ever passed over in silence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDesk, HILL, PEOPLE, type AuditDesk, type Who } from './audit-desk.ts';
import { rowsOf, textOf } from './rows.ts';
import { refusal, told } from './told.ts';
import { recordTwoMarkets } from './two-markets.ts';

const LOG = '/admin/impersonation-audit';

let desk: AuditDesk;
beforeAll(async () => {
  desk = await auditDesk();
  await recordTwoMarkets(desk);
});
afterAll(() => desk.close());

/** The same question asked of the page, the JSON and the CSV must find the same rows; returned oldest first. */
async function found(query: string, who: Who = 'root'): Promise<readonly string[]> {
  const page = await desk.get(`${LOG}?${query}`, who);
  expect(page.status).toBe(200);
  const { events } = await told(await desk.get(`${LOG}/events.json?${query}`, who));
  expect(rowsOf(await page.text())).toEqual(events.map((event) => event.seq));
  const csv = await (await desk.get(`${LOG}/export.csv?${query}`, who)).text();
  expect(csv.split('\r\n').length - 2).toBe(events.length);
  return events.map((event) => `${event.session_id} ${event.event}`).toReversed();
}

const A = ['session-a start', 'session-a action', 'session-a blocked', 'session-a action', 'session-a stop'];
const B = ['session-b start', 'session-b blocked', 'session-b expired'];
const C = ['session-c start', 'session-c action', 'session-c stop'];

describe('One filter alone', () => {
  it.each<[string, readonly string[]]>([
    ['', [...A, ...B, ...C]],
    ['from=&to=&event=&outcome=&manager=&customer=&market=', [...A, ...B, ...C]],
    ['from=2026-04-19', C],
    ['to=2026-04-17', A],
    ['event=start', ['session-a start', 'session-b start', 'session-c start']],
    ['event=expired', ['session-b expired']],
    ['outcome=blocked', ['session-a blocked', 'session-b blocked']],
    ['outcome=error', ['session-a action']],
    ['manager=ALVAREZ', A],
    ['manager=max%40hill', B],
    ['manager=+++sara+', C],
    ['customer=nakamura', B],
    ['customer=sue%40', C],
    ['customer=valley.example', [...A, ...C]],
    ['customer=%25', []],
    ['customer=_', []],
    ['market=hill', B],
  ])('%s finds its rows on the page, in the JSON and in the CSV', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });
});

describe('Several filters', () => {
  it.each<[string, readonly string[]]>([
    ['event=action&outcome=error', ['session-a action']],
    ['event=start&manager=sara', ['session-c start']],
    ['manager=mia&customer=hal', []],
    ['market=valley&outcome=blocked', ['session-a blocked']],
    [
      'from=2026-04-17&to=2026-04-17&event=blocked&outcome=blocked&manager=mia&customer=sam&market=valley',
      ['session-a blocked'],
    ],
    [
      'from=2026-04-18&to=2026-04-18&event=blocked&outcome=blocked&manager=mia&customer=sam&market=valley',
      [],
    ],
  ])('%s must all hold', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('stay in the address, the form and the CSV button', async () => {
    const page = await (await desk.get(`${LOG}?event=blocked&manager=mia&market=valley`, 'root')).text();
    expect(page).toMatch(/<option value="blocked" selected/);
    expect(page).toMatch(/<option value="valley" selected/);
    expect(page).toContain('value="mia"');
    expect(page.replaceAll('&#38;', '&').replaceAll('&#61;', '=')).toContain(
      'href="/admin/impersonation-audit/export.csv?event=blocked&manager=mia&market=valley"',
    );
  });
});

describe('A day', () => {
  it('is the reviewer’s market’s own day, not a slice of UTC', async () => {
    // 04:30 to 05:11 UTC on the 18th: late on the 17th in Los Angeles.
    expect(await found('from=2026-04-17&to=2026-04-17', 'max')).toEqual(B);
    expect(await found('from=2026-04-18&to=2026-04-18', 'max')).toEqual([]);
  });

  it('follows the market a superuser chose, is UTC without one, and the page says which', async () => {
    expect(await found('from=2026-04-17&to=2026-04-17&market=hill')).toEqual(B);
    expect(await found('from=2026-04-18&to=2026-04-18')).toEqual(B);
    expect(textOf(await (await desk.get(LOG, 'root')).text())).toContain('Days and times are in UTC');
    const chosen = textOf(await (await desk.get(`${LOG}?market=hill`, 'root')).text());
    expect(chosen).toContain('Days and times are Hill Market’s own (America/Los Angeles)');
    expect(textOf(await (await desk.get(LOG, 'mia')).text())).toContain(
      'Valley Market’s own (America/New York)',
    );
  });
});

describe('The days on which clocks change', () => {
  let changes: AuditDesk;
  beforeAll(async () => {
    changes = await auditDesk();
    const hill = { market: HILL, actor: PEOPLE.max, subject: PEOPLE.hal };
    for (const at of [
      '2026-03-08T07:59:59.999Z', // 23:59 on the 7th, PST
      '2026-03-08T08:00:00.000Z', // midnight, PST
      '2026-03-09T06:59:59.999Z', // the last moment of a day of 23 hours, PDT
      '2026-03-09T07:00:00.000Z',
      '2026-11-01T06:59:59.999Z',
      '2026-11-01T07:00:00.000Z', // midnight, PDT
      '2026-11-02T07:59:59.999Z', // the last moment of a day of 25 hours, PST
      '2026-11-02T08:00:00.000Z',
    ]) {
      await changes.record(at, { ...hill, sessionId: at });
    }
  });
  afterAll(() => changes.close());

  it.each([
    ['2026-03-08', ['2026-03-08T08:00:00.000Z', '2026-03-09T06:59:59.999Z']],
    ['2026-11-01', ['2026-11-01T07:00:00.000Z', '2026-11-02T07:59:59.999Z']],
  ])('%s has exactly its own events', async (day, expected) => {
    const answer = await changes.get(`${LOG}/events.json?from=${day}&to=${day}`, 'max');
    const { events } = await told(answer);
    expect(events.map((event) => event.created_at).toReversed()).toEqual(expected);
  });

  it('show each time with the zone that was in force', async () => {
    const page = textOf(await (await changes.get(`${LOG}?from=2026-11-01&to=2026-11-01`, 'max')).text());
    expect(page).toContain('12:00:00 AM PDT');
    expect(page).toContain('11:59:59 PM PST');
  });
});

describe('A filter that cannot be used', () => {
  it.each<[string, string, Who?]>([
    ['from=2026-02-30', 'There is no day 2026-02-30 in the calendar.'],
    ['to=2025-02-29', 'There is no day 2025-02-29 in the calendar.'],
    ['from=18%2F04%2F2026', '“18/04/2026” is no day'],
    ['from=2026-04-18T00:00', 'is no day'],
    ['from=2026-04-18&to=2026-04-17', 'This day is before the first one.'],
    ['event=started', 'There is no event “started”.'],
    ['event=START', 'There is no event “START”.'],
    ['outcome=fine', 'There is no outcome “fine”.'],
    ['manager=TEN_THOUSAND', 'At most 256 characters'],
    ['customer=TEN_THOUSAND', 'At most 256 characters'],
    ['customer=a%00b', 'control character'],
    ['event=start&event=stop', '“event” is given more than once.'],
    ['manager=mia&manager=', '“manager” is given more than once.'],
    ['market=nowhere', 'There is no market “nowhere”.'],
    ['manger=mia', 'There is no filter called “manger”.'],
    ['__proto__=1', 'There is no filter called “__proto__”.'],
    ['cursor=0', '“cursor” must be a whole number'],
    ['cursor=1e3', '“cursor” must be a whole number'],
    ['cursor=99999999999999999999', '“cursor” must be a whole number'],
    ['newer=5--6', 'garbled'],
  ])('%s is answered 422 with what is wrong, and no rows', async (query, message) => {
    const typed = query.replace('TEN_THOUSAND', 'a'.repeat(10_000));
    const page = await desk.get(`${LOG}?${typed}`, 'root');
    expect(page.status).toBe(422);
    const body = await page.text();
    expect(textOf(body)).toContain(message);
    expect(rowsOf(body)).toEqual([]);
    expect(body.length).toBeLessThan(30_000);
  });

  it('is pointed out at its field', async () => {
    const body = await (await desk.get(`${LOG}?from=2026-02-30&event=nope`, 'mia')).text();
    for (const field of ['from', 'event']) {
      const control = new RegExp(`<(?:input|select)[^>]*id="filter-${field}"[^>]*>`).exec(body)?.[0] ?? '';
      expect(control).toContain('aria-invalid="true"');
      expect(control).toContain(`aria-describedby="wrong-${field}"`);
      expect(body).toContain(`id="wrong-${field}"`);
    }
    expect(body).not.toContain('id="wrong-outcome"');
  });

  it('is told to a program as problem details with every mistake', async () => {
    for (const path of ['/events.json?from=x&event=y', '/export.csv?from=x&event=y']) {
      const answer = await desk.get(LOG + path, 'mia');
      expect(answer.status).toBe(422);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      const problem = await refusal(answer);
      expect(problem).toMatchObject({ code: 'invalid_request', status: 422 });
      expect(problem.errors.map((error) => error.field)).toEqual(['from', 'event']);
    }
  });

  it('shows the page, not a file, to a person who asked for the CSV', async () => {
    const answer = await desk.get(`${LOG}/export.csv?event=y`, 'mia', { accept: 'text/html,*/*;q=0.8' });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBeNull();
  });

  it.each(['limit=0', 'limit=1001', 'limit=ten', 'limit=5&limit=6', 'newer=3'])(
    'has no place in the JSON either: %s',
    async (query) => {
      expect((await desk.get(`${LOG}/events.json?${query}`, 'root')).status).toBe(422);
    },
  );

  it('does not make a cursor of the CSV', async () => {
    expect((await desk.get(`${LOG}/export.csv?cursor=3`, 'root')).status).toBe(422);
  });
});

it('Rows of markets that nobody configured are still the superuser’s to see', async () => {
  const other = await auditDesk();
  await other.record('2026-04-17T14:00:00Z', { market: { id: 'closed', name: 'Closed Market' } });
  await other.record('2026-04-17T14:00:01Z', { market: null });
  expect(rowsOf(await (await other.get(LOG, 'root')).text())).toEqual([2, 1]);
  expect(rowsOf(await (await other.get(LOG, 'mia')).text())).toEqual([]);
  await other.close();
});

it('Says kindly when nothing matches, and when nothing has happened at all', async () => {
  expect(await (await desk.get(`${LOG}?manager=zebedee`, 'mia')).text()).toContain(
    'No events match these filters',
  );
  const empty = await auditDesk();
  expect(await (await empty.get(LOG, 'mia')).text()).toContain('Nothing has happened yet');
  await empty.close();
});
