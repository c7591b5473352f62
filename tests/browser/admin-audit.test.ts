/** A reviewer at work in a real browser: filters, pages, downloads, reads a timeline, stops a session; with axe looking on. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditDesk, HILL, PEOPLE, VALLEY, type AuditDesk, type Who } from '../admin-ui/audit-desk.ts';
import { recordTwoMarkets } from '../admin-ui/two-markets.ts';
import { launchChromium } from './chromium.ts';

const LOG = '/admin/impersonation-audit';
const MINUTE = 60_000;
const DESKTOP = { width: 1360, height: 900 };
const PHONE = { width: 375, height: 800 };
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const Violations = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }));

let desk: AuditDesk;
let browser: Browser;
let axe: string;
beforeAll(async () => {
  axe = await readFile(AXE, 'utf8');
  browser = await launchChromium();
});
afterAll(() => browser.close());

const contexts: BrowserContext[] = [];
beforeEach(async () => {
  desk = await auditDesk();
  await recordTwoMarkets(desk);
  desk.clock.now = Date.parse('2026-04-20T16:00:00Z');
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await desk.close();
});

type Look = {
  readonly viewport?: typeof DESKTOP;
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
};

async function open(path: string, who: Who, look: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, ...look });
  contexts.push(context);
  await context.addCookies([{ name: 'person', value: who, url: desk.origin }]);
  const page = await context.newPage();
  await page.goto(desk.origin + path);
  return page;
}

/** Every rule axe has, best practices included, as `rule: element`. */
async function complaints(page: Page): Promise<readonly string[]> {
  // Run through the debugger, which the page's content security policy does not bind.
  await page.evaluate(axe);
  const found = Violations.parse(await page.evaluate('axe.run().then((result) => result.violations)'));
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

function goLive(): void {
  const { now } = desk.clock;
  const times = {
    startedAt: now - 12 * MINUTE,
    idleExpiresAt: now + 27 * MINUTE,
    absoluteExpiresAt: now + 108 * MINUTE,
  };
  desk.live.push({
    id: 'live-a',
    actor: PEOPLE.mia,
    subject: PEOPLE.sam,
    market: VALLEY,
    reason: 'Phone order',
    ...times,
  });
  desk.live.push({
    id: 'live-b',
    actor: PEOPLE.max,
    subject: PEOPLE.hal,
    market: HILL,
    reason: null,
    ...times,
  });
}

it('A reviewer filters by hand, sees the rows, and downloads exactly these', async () => {
  const page = await open(LOG, 'mia', { javaScriptEnabled: false });
  await page.getByLabel('From').fill('2026-04-17');
  await page.getByLabel('To').fill('2026-04-17');
  await page.getByLabel('Event type').selectOption('Blocked');
  await page.getByLabel('Manager name or email').fill('alvarez');
  await page.getByRole('button', { name: 'Apply filters' }).click();

  const rows = page.getByRole('row').filter({ has: page.getByRole('cell') });
  expect(await rows.count()).toBe(1);
  const cells = await rows.getByRole('cell').allInnerTexts();
  expect(cells.map((cell) => cell.replace(/\s+/g, ' '))).toEqual([
    'Blocked',
    'Blocked',
    'Mia Alvarez mia@valley.example',
    'Sam Rivera sam@valley.example',
    'Change password: tried, and not let through PUT /api/password',
    '403',
    'Timeline',
  ]);
  expect(await rows.getByRole('rowheader').innerText()).toBe('10:06:02 AM EDT');
  expect(new URL(page.url()).search).toContain('event=blocked&outcome=&manager=alvarez');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('acting-as-customer-audit-2026-04-20.csv');
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines).toEqual([
    'created_at,event,outcome,status_code,manager_name,manager_email,customer_name,customer_email,market_name,method,path,action,reason,ip_address,user_agent',
    '2026-04-17T14:06:02.000Z,blocked,blocked,403,Mia Alvarez,mia@valley.example,Sam Rivera,sam@valley.example,Valley Market,PUT,/api/password,change_password_blocked,,203.0.113.7,Mozilla/5.0 (X11; Linux x86_64)',
  ]);
});

it('From a row to the session’s timeline and back', async () => {
  const page = await open(`${LOG}?event=blocked`, 'root');
  await page.getByRole('link', { name: 'Timeline of Mia Alvarez acting for Sam Rivera' }).click();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Mia Alvarez acting for Sam Rivera');
  const moments = await page
    .getByRole('list')
    .filter({ hasText: 'Started acting' })
    .getByRole('listitem')
    .allInnerTexts();
  expect(moments.filter((each) => /\d:\d\d/.test(each)).map((each) => each.split('\n')[0])).toEqual([
    '10:00:00 AM EDT',
    '10:04:31 AM EDT',
    '10:06:02 AM EDT',
    '10:07:40 AM EDT',
    '10:09:12 AM EDT',
  ]);
  await page.getByLabel('Where you are').getByRole('link', { name: 'Audit log' }).click();
  expect(new URL(page.url()).pathname).toBe(LOG);
});

it('A chip takes its filter away and leaves the others', async () => {
  const page = await open(`${LOG}?event=blocked&manager=mia`, 'mia');
  await page.getByRole('link', { name: /Remove the filter Event/ }).click();
  expect(new URL(page.url()).search).toBe('?manager=mia');
});

it('Stop ends the session and leads back to the very same page', async () => {
  goLive();
  const page = await open(`${LOG}?outcome=blocked`, 'mia');
  await page.getByRole('button', { name: 'Stop Mia Alvarez acting for Sam Rivera' }).click();
  await page.getByText('Nobody is acting for a customer.').waitFor();
  expect(page.url()).toBe(`${desk.origin}${LOG}?outcome=blocked`);
  expect(desk.stops).toEqual([{ id: 'live-a', returnTo: `${LOG}?outcome=blocked` }]);
});

it('Older and Newer work by keyboard alone', async () => {
  for (let i = 0; i < 60; i += 1) await desk.record(desk.clock.now, { sessionId: `s${i}` });
  const page = await open(LOG, 'mia');
  const first = await page.getByRole('row').allInnerTexts();
  await page.getByRole('link', { name: 'Older' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /^← Newer$/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Newest page').waitFor();
  expect(await page.getByRole('row').allInnerTexts()).toEqual(first);
});

it('The first thing the keyboard meets leads past the top bar', async () => {
  const page = await open(LOG, 'mia');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
});

it('Names, reasons and paths made of markup do nothing but show', async () => {
  const payload = '"><img src=x onerror="window.ran=1"><script>window.ran=1</script>';
  const person = { id: 'x', name: payload, email: payload };
  await desk.record(desk.clock.now, {
    sessionId: 'x',
    event: 'start',
    actor: person,
    subject: person,
    reason: payload,
    path: payload,
  });
  const page = await open(LOG, 'mia');
  expect(await page.evaluate('window.ran ?? null')).toBeNull();
  expect(await page.locator('main img').count()).toBe(0);
  expect(await page.getByRole('row').nth(2).innerText()).toContain('<script>window.ran=1</script>');
});

describe.each([
  ['wide', 'light', DESKTOP],
  ['wide', 'dark', DESKTOP],
  ['phone', 'light', PHONE],
] as const)('On a %s screen, %s', (_size, colorScheme, viewport) => {
  it.each([
    ['the log', LOG, 'root'],
    ['wrong filters', `${LOG}?from=2026-02-30&event=nope&market=nowhere&x=1`, 'root'],
    ['an empty answer', `${LOG}?manager=zebedee`, 'mia'],
    ['a session', `${LOG}/sessions/session-a`, 'mia'],
  ] as const)(
    'axe finds nothing wrong with %s, and nothing is wider than the screen',
    async (_what, path, who) => {
      goLive();
      const start = {
        sessionId: 'session-a',
        at: desk.clock.now,
        side: 'acting',
        requestId: 'r',
        rule: null,
      } as const;
      desk.store.note({
        ...start,
        method: 'GET',
        path: '/market',
        effect: 'allow',
        reason: 'otherwise_reads',
        statusCode: 200,
      });
      await desk.record(desk.clock.now, {
        sessionId: 'long',
        path: `/${'x'.repeat(500)}`,
        actor: { id: 'l', name: 'M'.repeat(200), email: `${'m'.repeat(200)}@example` },
      });
      await expect.poll(async () => (await desk.store.session('session-a')).decisions.length).toBe(1);
      const page = await open(path, who, { viewport, colorScheme });
      await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })");
      expect(await complaints(page)).toEqual([]);
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBe(0);
    },
  );
});
