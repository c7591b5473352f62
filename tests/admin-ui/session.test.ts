/** A session's own page answers, in order and in plain words, what happened while someone was being helped. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDesk, type AuditDesk } from './audit-desk.ts';
import { rowsOf, textOf } from './rows.ts';
import { recordTwoMarkets } from './two-markets.ts';
import type { NewAuditEvent } from '../../audit-store/index.ts';

const LOG = '/admin/impersonation-audit';

let desk: AuditDesk;
beforeAll(async () => {
  desk = await auditDesk();
  await recordTwoMarkets(desk);
});
afterAll(() => desk.close());

async function read(id: string, who: 'mia' | 'max' | 'root' = 'root'): Promise<string> {
  const answer = await desk.get(`${LOG}/sessions/${id}`, who);
  expect(answer.status).toBe(200);
  return answer.text();
}

it('It says who acted for whom, where, why, from when to when, and how it ended', async () => {
  const text = textOf(await read('session-a', 'mia'));
  for (const part of [
    'Mia Alvarez acting for Sam Rivera',
    'Manager Mia Alvarez mia@valley.example',
    'Shopper Sam Rivera sam@valley.example',
    'Market Valley Market',
    'Reason Phone order, Tuesday pickup',
    'Started Apr 17, 2026, 10:00:00 AM EDT',
    'Ended Apr 17, 2026, 10:09:12 AM EDT: stopped by the manager (lasted 9 minutes)',
    'From address 203.0.113.7',
    'Browser Mozilla/5.0 (X11; Linux x86_64)',
    'Times are Valley Market’s own (America/New York)',
  ]) {
    expect(text).toContain(part);
  }
});

it('Its events stand in the order in which they happened', async () => {
  const page = await read('session-a', 'mia');
  expect(rowsOf(page)).toEqual([1, 2, 3, 4, 5]);
  const text = textOf(page);
  const order = ['Started acting', 'Place order', 'Change password', 'Update pickup location', 'Ended:'];
  const places = order.map((words) => text.indexOf(words));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places.every((place) => place > 0)).toBe(true);
  expect(text).toContain(
    'One off-limits action was tried in this session. Nothing of it reached the account.',
  );
  expect(text).toContain('Update pickup location: answered with an error');
  expect(text).toContain('Order id: 17');
  expect(text).toContain('Note: the outcome is unknown');
});

it('A superuser reads it in its own market’s time', async () => {
  expect(textOf(await read('session-b'))).toContain('Started Apr 17, 2026, 9:30:00 PM PDT');
});

describe('How it ended', () => {
  it.each<[NewAuditEvent['event'], string | null, string]>([
    ['stop', 'stop_acting', 'stopped by the manager'],
    ['stop', 'sign_out', 'the manager signed out'],
    ['stop', 'stopped_by_reviewer', 'stopped by a reviewer'],
    ['stop', null, 'stopped by the manager'],
    ['expired', 'idle_timeout', 'nothing was done for too long'],
    ['expired', 'absolute_timeout', 'the longest time a session may last was over'],
    ['expired', 'actor_signed_out', 'the manager’s own sign-in ended'],
    ['expired', 'actor_inactive', 'the manager’s own account was closed or blocked'],
    ['expired', 'actor_not_permitted', 'the manager or the shopper no longer qualified'],
    ['expired', 'gateway_restarted', 'the gateway was restarted'],
    ['expired', 'solar_flare', 'solar flare'],
    ['expired', null, 'its time was over'],
  ])('%s by %s is said as “%s”', async (event, action, words) => {
    const sessionId = `ended-${event}-${action}`;
    await desk.record('2026-04-20T10:00:00Z', { sessionId, event: 'start' });
    await desk.record('2026-04-20T10:30:00Z', { sessionId, event, action });
    expect(textOf(await read(sessionId))).toContain(`: ${words} (lasted 30 minutes)`);
  });

  it('names the reviewer who ended it, and the moment rather than the noticing of it', async () => {
    await desk.record('2026-04-20T10:00:00Z', { sessionId: 'cut', event: 'start' });
    const by = { by_id: '3', by_name: 'Robin Root' };
    await desk.record('2026-04-20T10:05:00Z', {
      sessionId: 'cut',
      event: 'stop',
      action: 'stopped_by_reviewer',
      details: by,
    });
    const text = textOf(await read('cut'));
    expect(text).toContain('stopped by a reviewer, Robin Root (lasted 5 minutes)');
    expect(text).not.toContain('By id');

    await desk.record('2026-04-20T10:00:00Z', { sessionId: 'late', event: 'start' });
    const late = { ended_at: '2026-04-20T10:30:00.000Z' };
    await desk.record('2026-04-20T10:30:09Z', {
      sessionId: 'late',
      event: 'expired',
      action: 'idle_timeout',
      details: late,
    });
    const noticed = textOf(await read('late'));
    expect(noticed).toContain(
      'Ended Apr 20, 2026, 6:30:00 AM EDT: nothing was done for too long (lasted 30 minutes)',
    );
    expect(noticed).toContain('Ended at: Apr 20, 2026, 6:30:00 AM EDT');
  });

  it('is not made up while nothing is known of it', async () => {
    await desk.record('2026-04-20T10:00:00Z', { sessionId: 'open', event: 'start' });
    const text = textOf(await read('open'));
    expect(text).toContain('No end is on the record yet');
    expect(text).toContain('None was given');
  });
});

it('The finer trace is folded away, in order, and says what was decided', async () => {
  await desk.record('2026-04-20T10:00:00Z', { sessionId: 'traced', event: 'start' });
  const note = { sessionId: 'traced', side: 'acting', requestId: 'r', rule: null, statusCode: 200 } as const;
  desk.store.note({
    ...note,
    at: 1_776_679_201_000,
    method: 'GET',
    path: '/market',
    effect: 'allow',
    reason: 'otherwise_reads',
  });
  desk.store.note({
    ...note,
    at: 1_776_679_202_000,
    side: 'assisted',
    method: 'POST',
    path: '/api/cart/items',
    effect: 'pause',
    rule: 'pause-cart',
    reason: 'rule',
    statusCode: 423,
  });
  await expect.poll(async () => textOf(await read('traced'))).toContain('2 decisions');
  const page = await read('traced');
  expect(page).toMatch(/<details class="card trace">/);
  const text = textOf(page);
  expect(text.indexOf('GET /market')).toBeLessThan(text.indexOf('POST /api/cart/items'));
  expect(text).toContain('pause pause-cart rule 423');
});

it('Every row of the log leads to its session', async () => {
  const page = await (await desk.get(`${LOG}?manager=max`, 'root')).text();
  expect(page.match(/href="\/admin\/impersonation-audit\/sessions\/session-b"/g)).toHaveLength(3);
});

it('A session id is never more than a segment of an address', async () => {
  const id = '../..?x=1#<b>';
  await desk.record('2026-04-20T11:00:00Z', { sessionId: id, event: 'start' });
  const log = await (await desk.get(`${LOG}?from=2026-04-20`, 'root')).text();
  expect(log).toContain(`/sessions/${encodeURIComponent(id).replaceAll('=', '&#61;')}"`);
  expect((await desk.get(`${LOG}/sessions/${encodeURIComponent(id)}`, 'root')).status).toBe(200);
});
