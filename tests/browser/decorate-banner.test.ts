import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';
import {
  actingAs,
  actingNotice,
  assistedNotice,
  MINUTE,
  openSite,
  ORDINARY,
  type Site,
} from './decorated-site.ts';

let browser: Browser;
let site: Site;
let context: BrowserContext;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  site = await openSite();
  await newPage();
});
afterEach(async () => {
  await context.close();
  await site.close();
});

async function newPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
  problems.length = 0;
  context = await browser.newContext({
    viewport: { width: 1100, height: 700 },
    timezoneId: 'America/Los_Angeles',
    ...options,
  });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) problems.push(message.text());
  });
}

async function open(html: string, headers: Record<string, string> = {}): Promise<void> {
  site.pages.set('/market', { html, headers });
  await page.goto(`${site.origin}/market`);
}

const SHOP =
  '<!doctype html><html lang="en"><head><title>Shop</title></head><body><main><h1>Shop</h1></main></body></html>';
const banner = () => page.getByRole('region', { name: 'Acting as someone else' });
const stopButton = () => page.getByRole('button', { name: 'Stop acting as Sam Rivera', exact: true });

/** The script runs, the style applies, nothing of ours was refused. */
async function expectAlive(): Promise<void> {
  await page.getByText('30:00 left').or(page.getByText('29:59 left')).waitFor();
  await expect
    .poll(() => banner().evaluate((bar) => getComputedStyle(bar).backgroundColor))
    .toBe('rgb(58, 36, 99)');
  expect(await banner().textContent()).toContain('You are acting as Sam Rivera');
  expect(problems).toEqual([]);
}

describe('the banner under a Content-Security-Policy', () => {
  test.each<[string, string | null]>([
    ['none at all', null],
    ['the strictest', "default-src 'none'; form-action 'none'; base-uri 'none'"],
    ["'self'", "default-src 'self'"],
    ['nonces', "default-src 'self'; script-src 'nonce-abc'; style-src 'nonce-abc'"],
    [
      'strict-dynamic',
      "script-src 'strict-dynamic' 'nonce-abc' https: 'unsafe-inline'; object-src 'none'; style-src 'self'",
    ],
    ["'unsafe-inline' with other hosts", "default-src https://cdn.example 'unsafe-inline'"],
    ['trusted types', "require-trusted-types-for 'script'; trusted-types 'none'; script-src 'self'"],
    ['two policies in one header', "default-src 'none', script-src 'unsafe-inline'; style-src https:"],
  ])('%s works', async (_name, policy) => {
    await open(SHOP, policy === null ? {} : { 'content-security-policy': policy });
    await expectAlive();
    await stopButton().click();
    await page.waitForURL('**/users/list');
    expect(site.sent.map(({ method, path }) => `${method} ${path}`)).toContain('POST /_act-as/stop');
  });

  test('in a meta element works', async () => {
    await open(
      SHOP.replace(
        '<title>',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"><title>',
      ),
    );
    await expectAlive();
    expect(await stopButton().isVisible()).toBe(true);
  });

  test('leaves the page’s own inline code as it was: what ran still runs, what was refused is still refused', async () => {
    const inline = SHOP.replace('</main>', '</main><script>document.title = "ran"</script>');
    await open(inline, { 'content-security-policy': "script-src 'unsafe-inline'" });
    await expectAlive();
    expect(await page.title()).toBe('ran');
    site.status = actingAs();
    site.pages.set('/strict', { html: inline, headers: { 'content-security-policy': "script-src 'self'" } });
    await page.goto(`${site.origin}/strict`);
    await page.getByText('left', { exact: false }).first().waitFor();
    expect(await page.title()).toBe('Shop');
  });

  test('that puts the page into a sandbox without scripts still shows who is acting', async () => {
    await open(SHOP, { 'content-security-policy': 'sandbox' });
    expect(await banner().isVisible()).toBe(true);
  });
});

describe('without JavaScript', () => {
  test('the banner is there, and its button ends the session', async () => {
    await context.close();
    await newPage({ javaScriptEnabled: false });
    site.pages.set('/users/list', { html: '<h1>List</h1>' });
    await open(SHOP.replace('<head>', '<head><base href="https://elsewhere.example/" target="_blank">'));
    expect(await page.getByText('30 minutes left').isVisible()).toBe(true);
    await stopButton().click();
    await page.waitForURL('**/users/list');
    expect(site.sent).toEqual([
      { method: 'POST', path: '/_act-as/stop', type: 'application/x-www-form-urlencoded', body: '' },
    ]);
  });

  test('the page starts below the banner', async () => {
    await context.close();
    await newPage({ javaScriptEnabled: false });
    await open(SHOP.replace('<body>', '<body style="margin:0"><style>h1{margin:0}</style>'));
    const bar = await banner().boundingBox();
    const heading = await page.getByRole('heading', { name: 'Shop' }).boundingBox();
    expect(heading?.y).toBeGreaterThanOrEqual((bar?.height ?? Infinity) - 1);
  });
});

describe('the page’s own style and script', () => {
  test('cannot hide, move or recolour the banner', async () => {
    const hostile =
      '* { display: none !important; visibility: hidden !important; color: red !important; transform: scale(0) !important }' +
      'body > * { position: static !important; z-index: 0 !important; opacity: 0 !important } section, button { all: unset !important }';
    await open(
      SHOP.replace('<title>', `<style>${hostile}</style><title>`).replace(
        '<html',
        '<html style="display:block!important;visibility:visible!important;transform:none!important"',
      ),
    );
    await expectAlive();
    expect(await stopButton().isVisible()).toBe(true);
    expect(await banner().boundingBox()).toMatchObject({ x: 0, y: 0, width: 1100 });
  });

  test('that renders the body anew, or replaces it, does not remove the banner', async () => {
    await open(SHOP);
    await expectAlive();
    await page.evaluate(() => document.body.replaceChildren('a new view'));
    expect(await banner().isVisible()).toBe(true);
    await page.evaluate(() => document.body.replaceWith(document.createElement('body')));
    expect(await banner().isVisible()).toBe(true);
    await page.evaluate(() => document.querySelector('act-as-frame')?.remove());
    await expect.poll(() => banner().isVisible()).toBe(true);
    await stopButton().click();
    await page.waitForURL('**/users/list');
  });

  test('nothing of the page is covered, its own fixed and sticky headers included', async () => {
    const headers =
      '<style>body{margin:0}nav{position:fixed;top:0;left:0;width:50%;height:40px}header{position:sticky;top:0;height:40px;margin-left:50%}</style>' +
      '<nav>Fixed</nav><header>Sticky</header><p style="height:3000px">long</p>';
    await open(SHOP.replace('<main>', `${headers}<main>`));
    await expectAlive();
    const height = (await banner().boundingBox())?.height ?? Infinity;
    const top = async (name: string): Promise<number> =>
      (await page.getByText(name, { exact: true }).boundingBox())?.y ?? -1;
    await expect.poll(() => top('Fixed')).toBeGreaterThanOrEqual(height);
    await page.mouse.wheel(0, 900);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
    await expect.poll(() => top('Sticky')).toBe(Math.ceil(height));
    await expect.poll(() => top('Fixed')).toBe(Math.ceil(height));
  });

  test('what is stuck so that the lower edge of the banner cuts through it moves down as well', async () => {
    await open(
      SHOP.replace(
        '<main>',
        '<style>body{margin:0}.news{position:sticky;top:30px;height:60px}</style><p class="news">News</p><p style="height:3000px">long</p><main>',
      ),
    );
    await expectAlive();
    const height = (await banner().boundingBox())?.height ?? Infinity;
    // Further down than the middle of the bar, and not below it.
    expect(30).toBeGreaterThan(height / 2);
    expect(30).toBeLessThan(height);
    await page.mouse.wheel(0, 900);
    await expect
      .poll(async () => (await page.getByText('News', { exact: true }).boundingBox())?.y)
      .toBe(30 + Math.ceil(height));
  });

  test('sees none of what is typed or pressed in our elements', async () => {
    await open(
      SHOP.replace(
        '</main>',
        '</main><script>for (const t of ["click","keydown"]) document.addEventListener(t, () => document.title = "seen")</script>',
      ),
    );
    await expectAlive();
    await page.evaluate(() =>
      document
        .querySelector('act-as-frame')
        ?.shadowRoot?.querySelector('form')
        ?.addEventListener('submit', (event) => event.stopImmediatePropagation(), true),
    );
    await stopButton().focus();
    await page.keyboard.press('Shift');
    expect(await page.title()).toBe('Shop');
  });
});

describe('the countdown', () => {
  test('runs each second, shows the nearer limit, and takes the gateway’s word for it', async () => {
    await page.clock.install({ time: new Date('2026-04-18T10:00:00Z') });
    site.status = actingAs();
    if (site.status.acting) site.status.acting.absolute_left_ms = 10 * MINUTE;
    await open(SHOP);
    await page.getByText('10:00 left').waitFor();
    await page.clock.runFor(1000);
    await page.getByText('9:59 left').waitFor();
    if (site.status.acting) site.status.acting.absolute_left_ms = 5 * MINUTE;
    await page.clock.runFor(15_000);
    await expect.poll(() => page.locator('act-as-frame .clock').textContent()).toMatch(/^(5:00|4:5\d) left$/);
  });

  test('is read out only when little is left', async () => {
    await page.clock.install();
    if (site.status.acting) site.status.acting.idle_left_ms = 6 * MINUTE;
    await open(SHOP);
    await page.getByText('6:00 left').waitFor();
    const status = page.locator('act-as-frame').getByRole('status');
    expect(await status.textContent()).toBe('');
    if (site.status.acting) site.status.acting.idle_left_ms = 60_000;
    await page.clock.runFor(15_000);
    await expect.poll(() => status.textContent()).toBe('1 minute left');
  });

  test('that reaches zero covers the page', async () => {
    await page.clock.install();
    if (site.status.acting) site.status.acting.idle_left_ms = 5_000;
    await open(SHOP);
    await page.getByText('0:05 left').waitFor();
    site.status = ORDINARY;
    await page.clock.runFor(5_000);
    const ended = page.getByRole('heading', { name: 'Your session as Sam Rivera has ended' });
    await expect.poll(() => ended.isVisible()).toBe(true);
  });
});

describe('the shopper’s notice', () => {
  test('tells the times in the reader’s own zone, and follows what happens', async () => {
    await page.clock.install();
    site.decorations = [assistedNotice()];
    const { startedAt, idleExpiresAt, absoluteExpiresAt } = assistedNotice();
    const assisted = {
      actor_first_name: 'Mia',
      started_at: startedAt,
      idle_expires_at: idleExpiresAt,
      absolute_expires_at: absoluteExpiresAt,
    };
    site.status = { actor: null, acting: null, assisted };
    await open(SHOP);
    const notice = page.getByRole('region', { name: 'Someone is helping you' });
    await expect.poll(() => notice.textContent()).toContain('Mia from your market is currently helping you.');
    await expect
      .poll(async () => (await notice.textContent())?.replace(/\s+/g, ' '))
      .toContain(
        'Started at 11:15 AM. Ends automatically at 11:45 AM unless continued, at 1:15 PM at the latest.',
      );
    site.status = {
      actor: null,
      acting: null,
      assisted: { ...assisted, idle_expires_at: idleExpiresAt + 5 * MINUTE },
    };
    await page.clock.runFor(30_000);
    await expect.poll(() => notice.textContent()).toContain('11:50 AM');
    site.status = { actor: null, acting: null, assisted: null };
    await page.clock.runFor(30_000);
    await notice.waitFor({ state: 'hidden' });
    await page.getByText('Mia has stepped out. Your cart and checkout are yours again.').waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).marginTop)).toBe('0px');
    site.status = { actor: null, acting: null, assisted };
    await page.clock.runFor(30_000);
    await notice.waitFor();
  });
});

describe('people’s names', () => {
  test.each([
    '<img src=x onerror="document.title=1">',
    '</template><script>document.title=1</script>',
    '\u202eareviR maS',
    'Ō 王 \u{1f34e}',
    'x'.repeat(200),
  ])('%s stands there as it is', async (name) => {
    site.decorations = [actingNotice({ subjectName: name, actorName: name })];
    site.status = actingAs(name);
    await open(SHOP);
    await page.locator('act-as-frame .ticking').waitFor();
    expect(await page.locator('act-as-frame strong').textContent()).toBe(name);
    expect(await page.getByRole('button').textContent()).toContain(`Stop acting as ${name}`);
    expect(await page.title()).toBe('Shop');
    expect((await banner().boundingBox())?.width).toBe(1100);
    expect(problems).toEqual([]);
  });
});

describe('accessibility', () => {
  test.each([
    ['wide', 1100],
    ['narrow', 360],
  ])('axe finds nothing wrong with the bars on a %s screen', async (_name, width) => {
    await page.setViewportSize({ width, height: 700 });
    await open(SHOP);
    await expectAlive();
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    site.decorations = [assistedNotice()];
    site.status = { actor: null, acting: null, assisted: null };
    await page.goto(`${site.origin}/market`);
    await page.locator('act-as-frame section').waitFor({ state: 'attached' });
    expect(await axeViolations(page)).toEqual([]);
  });

  test('the way out is the first thing a keyboard reaches', async () => {
    await open(SHOP.replace('</main>', '<a href="/x">link</a></main>'));
    await expectAlive();
    await page.keyboard.press('Tab');
    expect(await stopButton().evaluate((button) => button.matches(':focus-visible'))).toBe(true);
  });
});
