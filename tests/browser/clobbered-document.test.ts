/**
 * The story: a shopper may write a little HTML into a comment, an image with a name say, and no script. But a document has
 * its images as members, by their names, before its own: `<img name="querySelectorAll">` stopped the gateway's script in
 * every page that showed the comment, and nothing was covered any more when a session ended.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';
import { actingNotice, buttons, openSite, ORDINARY, type Site } from './decorated-site.ts';

let browser: Browser;
let site: Site;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  site = await openSite();
  site.pages.set('/users/list', { html: '<title>List</title><h1>List</h1>' });
  context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
  page = await context.newPage();
  await context.route('https://elsewhere.example/**', (route) => route.fulfill({ body: 'elsewhere' }));
});
afterEach(async () => {
  await context.close();
  await site.close();
});

const MEMBERS = (
  'body documentElement querySelector querySelectorAll createElement adoptedStyleSheets addEventListener ' +
  'visibilityState baseURI elementFromPoint elementsFromPoint getRootNode contains children append'
).split(' ');
const COMMENT = MEMBERS.map((name) => `<img name="${name}" alt="">`).join('');

const pageWith = (html: string): string =>
  `<!doctype html><html lang="en"><head><title>Shop</title></head><body><main><h1>Shop</h1>
  <a href="/logout">Sign out</a>${html}<div style="height:3000px"></div></main></body></html>`;

test('in a page with images named like what the document can do, the session’s end covers the page', async () => {
  site.pages.set('/market', { html: pageWith(COMMENT) });
  await page.goto(`${site.origin}/market`);
  await page.locator('act-as-frame .ticking').waitFor();
  site.status = ORDINARY;
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.getByRole('heading', { name: 'Your session as Sam Rivera has ended' }).waitFor();
  expect(await page.getByRole('heading', { name: 'Shop' }).isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Continue as yourself' }).click();
  await page.waitForURL('**/users/list');
});

test('in such a page the sign-out asks, and the session is stopped', async () => {
  site.pages.set('/market', { html: pageWith(COMMENT) });
  await page.goto(`${site.origin}/market`);
  await page.locator('act-as-frame .ticking').waitFor();
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Just stop acting as Sam Rivera' }).click();
  await page.waitForURL('**/users/list');
  expect(site.sent.map(({ path, body }) => `${path} ${body}`)).toEqual(['/_act-as/stop {}']);
});

test('in such a page a session can be started', async () => {
  site.status = ORDINARY;
  site.decorations = [
    buttons([{ page: '/market', each: '[data-id]', idAttribute: 'data-id', position: 'append' }]),
  ];
  site.answers.set('POST /_act-as/sessions', { status: 201, json: { location: '/users/list' } });
  site.pages.set('/market', { html: pageWith(`${COMMENT}<p data-id="sam">Sam</p>`) });
  await page.goto(`${site.origin}/market`);
  await page.getByRole('button', { name: 'Act as this person' }).click();
  await page.getByRole('button', { name: 'Start acting' }).click();
  await page.waitForURL('**/users/list');
  expect(site.sent.map(({ path }) => path)).toEqual(['/_act-as/sessions']);
});

test('a form behind the banner whose fields are named like its own members does not hold the page up', async () => {
  site.decorations = [actingNotice()];
  site.pages.set('/market', {
    html: pageWith(
      '<form style="position:sticky;top:0;height:300px"><input name="parentElement"><input name="getRootNode"><input name="matches"></form>',
    ),
  });
  await page.goto(`${site.origin}/market`);
  await page.locator('act-as-frame .ticking').waitFor();
  await page.evaluate(() => scrollTo(0, 1_000));
  await expect
    .poll(() => page.evaluate(() => document.querySelector('main form')?.getBoundingClientRect().y))
    .toBe(52);
});

/** In such a page whatever is read from its base address belongs to the other site. */
const BASE = '<base href="https://elsewhere.example/">';

test('a base address of another site in the page takes nobody there who stops', async () => {
  site.pages.set('/market', { html: pageWith(BASE) });
  await page.goto(`${site.origin}/market`);
  await page.locator('act-as-frame .ticking').waitFor();
  await page.getByRole('button', { name: 'Stop acting as Sam Rivera', exact: true }).click();
  await page.waitForURL((url) => url.pathname === '/users/list');
  expect(new URL(page.url()).origin).toBe(site.origin);
});

test('nor anybody who starts', async () => {
  site.status = ORDINARY;
  site.decorations = [
    buttons([{ page: '/market', each: '[data-id]', idAttribute: 'data-id', position: 'append' }]),
  ];
  site.answers.set('POST /_act-as/sessions', { status: 201, json: { location: '/users/list' } });
  site.pages.set('/market', { html: pageWith(`${BASE}<p data-id="sam">Sam</p>`) });
  await page.goto(`${site.origin}/market`);
  await page.getByRole('button', { name: 'Act as this person' }).click();
  await page.getByRole('button', { name: 'Start acting' }).click();
  await page.waitForURL((url) => url.pathname === '/users/list');
  expect(new URL(page.url()).origin).toBe(site.origin);
});

test('no part of the script trusts the document’s names', () => {
  const folder = new URL('../../gateway/browser/', import.meta.url);
  const trusting = readdirSync(folder)
    .filter((name) => name.endsWith('.js') && name !== 'plain-document.js')
    .filter((name) => {
      const code = readFileSync(new URL(name, folder), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '');
      return /(?<!-)\bdocument\.|\} = document\b/.test(code);
    });
  expect(trusting).toEqual([]);
});
