/** The reviewers' kill switch: they see who is acting at this moment in the markets they may see, and can end it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LiveSession } from '../../admin-ui/index.ts';
import { auditDesk, HILL, PEOPLE, VALLEY, type AuditDesk } from './audit-desk.ts';
import { textOf } from './rows.ts';

const LOG = '/admin/impersonation-audit';
const MINUTE = 60_000;

let desk: AuditDesk;
beforeEach(async () => {
  desk = await auditDesk();
  const { now } = desk.clock;
  const times = {
    startedAt: now - 12 * MINUTE,
    idleExpiresAt: now + 27 * MINUTE,
    absoluteExpiresAt: now + 108 * MINUTE,
  };
  const live: readonly LiveSession[] = [
    { id: 'live-a', actor: PEOPLE.mia, subject: PEOPLE.sam, market: VALLEY, reason: 'Phone order', ...times },
    { id: 'live-b', actor: PEOPLE.max, subject: PEOPLE.hal, market: HILL, reason: null, ...times },
  ];
  desk.live.push(...live);
});
afterEach(() => desk.close());

it('Shows who is acting for whom, why, since when and until when, in the reviewer’s own time', async () => {
  const text = textOf(await (await desk.get(LOG, 'mia')).text());
  expect(text).toContain('Mia Alvarez is acting for Sam Rivera');
  expect(text).toContain('Phone order');
  expect(text).toContain('Since Apr 20, 2026, 11:48:00 AM EDT (12 minutes)');
  expect(text).toContain('Ends at 12:27:00 PM EDT unless they go on, and at 1:48:00 PM EDT at the latest');
});

it('Shows each reviewer only the markets they may see', async () => {
  expect(await seen('mia')).toEqual(['live-a']);
  expect(await seen('max')).toEqual(['live-b']);
  expect(await seen('root')).toEqual(['live-a', 'live-b']);
});

it('Stop is a form of its own that leads back to the page it was pressed on', async () => {
  await desk.record(desk.clock.now, { sessionId: 'live-a', event: 'start' });
  const page = await (await desk.get(`${LOG}?manager=mia&event=start`, 'mia')).text();
  expect(page).toMatch(/<form\s+method="post"\s+action="\/_act-as\/sessions\/live-a\/stop"/);
  const timeline = await (await desk.get(`${LOG}/sessions/live-a`, 'mia')).text();
  expect(timeline).toMatch(/<form\s+method="post"\s+action="\/_act-as\/sessions\/live-a\/stop"/);
  // The gateway leads back to where the press came from, so a field would say nothing that counts.
  for (const html of [page, timeline]) expect(html).not.toContain('return_to');
  expect(textOf(timeline)).toContain('Still going on');
});

it('Says so when nobody is acting', async () => {
  desk.live.length = 0;
  expect(textOf(await (await desk.get(LOG, 'mia')).text())).toContain('Nobody is acting for a customer.');
});

it('When live sessions cannot be listed, the log is still there and the page says what is missing', async () => {
  await desk.record('2026-04-20T10:00:00Z', { event: 'start' });
  desk.sessionsDown.value = true;
  const answer = await desk.get(LOG, 'mia');
  expect(answer.status).toBe(200);
  const page = await answer.text();
  expect(page).toContain('Live sessions cannot be shown at the moment');
  expect(page).not.toContain('Nobody is acting');
  expect(page).toContain('id="event-1"');
  expect(desk.logged.map(({ message }) => message)).toEqual(['live sessions could not be listed']);
});

/** Ids of the sessions that this reviewer could stop. */
async function seen(who: 'mia' | 'max' | 'root'): Promise<readonly string[]> {
  const page = await (await desk.get(LOG, who)).text();
  return [...page.matchAll(/\/_act-as\/sessions\/(live-\w)\/stop/g)].map((match) => match[1] ?? '');
}
