/** Download CSV gives exactly the rows on the screen, in the columns and under the name the reviewers were promised. */
import { connect } from 'node:net';
import { z } from 'zod';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditUnavailableError } from '../../audit-store/index.ts';
import { auditDesk, type AuditDesk } from './audit-desk.ts';
import { recordTwoMarkets } from './two-markets.ts';
import { told } from './told.ts';

const LOG = '/admin/impersonation-audit';
const COLUMNS =
  'created_at,event,outcome,status_code,manager_name,manager_email,customer_name,customer_email,market_name,method,path,action,reason,ip_address,user_agent';

let desk: AuditDesk;
beforeAll(async () => {
  desk = await auditDesk();
  await recordTwoMarkets(desk);
});
afterAll(() => desk.close());

it('It is an attachment that nothing may sniff or keep', async () => {
  const { status, headers } = await desk.get(`${LOG}/export.csv`, 'mia');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('content-disposition')).toMatch(
    /^attachment; filename="acting-as-customer-audit-\d{4}-\d\d-\d\d\.csv"$/,
  );
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
});

it('Its name carries today as it is in the zone the page shows', async () => {
  desk.clock.now = Date.parse('2026-04-20T05:30:00Z');
  const name = async (who: 'mia' | 'max' | 'root', query = ''): Promise<string | undefined> =>
    /filename="(.*)"/.exec(
      (await desk.get(`${LOG}/export.csv${query}`, who)).headers.get('content-disposition') ?? '',
    )?.[1];
  expect(await name('mia')).toBe('acting-as-customer-audit-2026-04-20.csv');
  expect(await name('max')).toBe('acting-as-customer-audit-2026-04-19.csv');
  expect(await name('root')).toBe('acting-as-customer-audit-2026-04-20.csv');
  expect(await name('root', '?market=hill')).toBe('acting-as-customer-audit-2026-04-19.csv');
});

it('Its fifteen columns and every one of its cells are those of the JSON', async () => {
  for (const query of ['', '?outcome=blocked', '?market=valley&event=action']) {
    const csv = await (await desk.get(`${LOG}/export.csv${query}`, 'root')).text();
    const [header, ...lines] = csv.trimEnd().split('\r\n');
    expect(header).toBe(COLUMNS);
    const { events } = await told(await desk.get(`${LOG}/events.json${query}`, 'root'));
    const cells = events.map((event) => COLUMNS.split(',').map((column) => cellOf(event[column])));
    const split = lines.map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, 15).map(unquoted),
    );
    expect(split).toEqual(cells);
  }
});

function cellOf(value: unknown): string {
  return value === null ? '' : z.coerce.string().parse(value);
}

function unquoted(match: RegExpMatchArray): string {
  const cell = match[1] ?? '';
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

it('A text that a spreadsheet would run stands there as text', async () => {
  const other = await auditDesk();
  await other.record('2026-04-17T14:00:00Z', {
    event: 'start',
    reason: '=HYPERLINK("https://evil.example")',
  });
  const csv = await (await other.get(`${LOG}/export.csv`, 'mia')).text();
  expect(csv).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
  await other.close();
});

it('A reader who stops reading is let go, told as an incomplete read, and the record goes on', async () => {
  // One page of long rows, answered again and again: more than all buffers between the two ends hold.
  const source = await auditDesk();
  const long = { path: `/${'x'.repeat(2000)}` };
  await Promise.all(
    Array.from({ length: 500 }, (_, i) =>
      source.record('2026-04-17T14:00:00Z', { ...long, sessionId: `s${i}` }),
    ),
  );
  const page = await source.store.csvLines({}, { limit: 500 });
  const endless = await auditDesk({
    stallMs: 300,
    reading: { csvLines: () => Promise.resolve({ ...page, next: 1 }) },
  });
  const { hostname, port } = new URL(endless.origin);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  socket.write(`GET ${LOG}/export.csv HTTP/1.1\r\nhost: x\r\ncookie: person=root\r\n\r\n`);
  socket.once('data', () => socket.pause());
  await expect.poll(() => endless.reads, { timeout: 10_000 }).toHaveLength(1);
  expect(endless.reads[0]).toMatchObject({ what: 'export', complete: false });
  socket.resume();
  await closed;
  await endless.record('2026-04-18T14:00:00Z', { sessionId: 'later' });
  expect(endless.store.health()).toEqual({ ok: true });
  await endless.close();
  await source.close();
});

it('Asking for its headers alone does not read the record', async () => {
  const answer = await fetch(`${desk.origin}${LOG}/export.csv`, {
    method: 'HEAD',
    headers: { cookie: 'person=root' },
  });
  expect(answer.status).toBe(404);
});

it('A record that cannot be read is a refusal, not an empty page', async () => {
  const broken = await auditDesk({ reading: { events: away, session: away } });
  for (const path of ['', '/events.json', '/sessions/session-a']) {
    const answer = await broken.get(LOG + path, 'mia');
    expect(answer.status).toBe(503);
    const body = await answer.text();
    expect(JSON.parse(body)).toMatchObject({ code: 'audit_unavailable' });
    expect(body).not.toContain('disk');
  }
  expect(broken.logged).toHaveLength(3);
  await broken.close();
});

it('A download whose record fails half-way is broken off, never passed off as whole', async () => {
  let asked = 0;
  const page = await desk.store.csvLines({}, { limit: 1 });
  const failing = await auditDesk({
    reading: {
      csvLines: () => {
        asked += 1;
        return asked === 1
          ? Promise.resolve({ ...page, next: 1 })
          : Promise.reject(new AuditUnavailableError('the disk is gone'));
      },
    },
  });
  const answer = await failing.get(`${LOG}/export.csv`, 'root');
  await expect(answer.text()).rejects.toThrow('terminated');
  await expect.poll(() => failing.reads).toHaveLength(1);
  expect(failing.reads[0]).toMatchObject({ rows: 1, complete: false });
  await failing.close();
});

function away(): Promise<never> {
  return Promise.reject(new AuditUnavailableError('the disk is gone'));
}
