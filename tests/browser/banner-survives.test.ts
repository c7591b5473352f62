/**
 * The story: the page writes itself anew, or opens a dialog of its own over everything, and whose seat it is can no
 * longer be seen, nor the session be stopped ("a persistent banner sits at the top of every page").
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';
import { openSite, ORDINARY, type Site } from './decorated-site.ts';

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
  site.pages.set('/market', { html: MARKET });
  site.pages.set('/users/list', { html: '<title>List</title><h1>List</h1>' });
  context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
  page = await context.newPage();
  await page.goto(`${site.origin}/market`);
  await page.locator('act-as-frame .ticking').waitFor();
});
afterEach(async () => {
  await context.close();
  await site.close();
});

const MARKET = `<!doctype html><html lang="en"><head><title>Shop</title></head><body><main><h1>Shop</h1>
  <dialog id="large" aria-label="Checkout" style="position:fixed;inset:0;width:100vw;height:100vh;max-width:none;max-height:none;box-sizing:border-box">
    <button>Pay</button></dialog>
  <dialog id="small" aria-label="Are you sure?"><button>Yes</button></dialog>
  <div id="sheet" popover="manual" style="inset:0;width:100vw;height:100vh">Menu</div>
</main></body></html>`;

const stopButton = () => page.getByRole('button', { name: 'Stop acting as Sam Rivera', exact: true });
const barTop = async () => (await page.locator('act-as-frame .acting').boundingBox())?.y;
const stops = () => site.sent.filter(({ path }) => path === '/_act-as/stop').map(({ body }) => body);

/** Where it belongs, under the very point where it is pressed, and doing what it says as it did before. */
async function expectStops(): Promise<void> {
  await expect.poll(inReach).toBe(true);
  expect(await barTop()).toBe(0);
  await stopButton().click();
  await page.waitForURL('**/users/list');
  expect(stops()).toEqual(['{}']);
}

/** Whether a press in the middle of the Stop button reaches our element, and nothing else of the page. */
const inReach = (): Promise<boolean> =>
  page.evaluate(() => {
    const deepest = (tree: Document | ShadowRoot, x: number, y: number): Element | null => {
      const hit = tree.elementFromPoint(x, y);
      return hit?.shadowRoot && hit.shadowRoot !== tree ? (deepest(hit.shadowRoot, x, y) ?? hit) : hit;
    };
    const hit = deepest(document, innerWidth - 100, 26);
    const tree = hit?.getRootNode();
    return (
      tree instanceof ShadowRoot && tree.host.localName === 'act-as-frame' && hit?.closest('form') !== null
    );
  });

const style = (css: string): Promise<void> =>
  page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
  }, css);

const writeAnew = (): Promise<void> =>
  page.evaluate(() => {
    document.open();
    document.write('<title>Anew</title><h1>Checkout</h1><a href="/logout">Sign out</a>');
    document.close();
  });

const showModal = (id: string): Promise<void> =>
  page.evaluate((name) => document.querySelector<HTMLDialogElement>(`#${name}`)?.showModal(), id);

describe('the banner of a page that begins anew', () => {
  test('survives document.write', async () => {
    await writeAnew();
    await expectStops();
  });

  test('survives another root element', async () => {
    await page.evaluate(() => {
      const root = document.createElement('html');
      root.innerHTML = '<body><h1>Checkout</h1></body>';
      document.documentElement.replaceWith(root);
    });
    await expect
      .poll(async () => (await page.getByRole('heading', { name: 'Checkout' }).boundingBox())?.y)
      .toBeGreaterThan(52);
    await expectStops();
  });

  test('stands there once where the page writes a whole page of the site into itself', async () => {
    await page.evaluate(async () => {
      const text = await (await fetch(location.href)).text();
      document.open();
      document.write(text);
      document.close();
    });
    await expect.poll(inReach).toBe(true);
    expect(await stopButton().count()).toBe(1);
    await expectStops();
  });

  test('leaves the page room, and its sign-out asks first', async () => {
    await writeAnew();
    await expect
      .poll(async () => (await page.getByRole('heading', { name: 'Checkout' }).boundingBox())?.y)
      .toBeGreaterThan(52);
    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out entirely' }).click();
    await page.waitForURL('**/users/list');
    expect(stops()).toEqual(['{"sign_out":true}']);
  });

  test('gives way to the cover when its session has ended, before or after', async () => {
    const ended = page.getByRole('heading', { name: 'Your session as Sam Rivera has ended' });
    const heading = page.getByRole('heading', { name: 'Checkout' });
    await writeAnew();
    site.status = ORDINARY;
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await ended.waitFor();
    await expect.poll(() => heading.isVisible()).toBe(false);
    await writeAnew();
    await expect.poll(() => heading.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Continue as yourself' }).click();
    await page.waitForURL('**/users/list');
  });
});

describe('the banner beside what the page opens', () => {
  test('is in reach above a modal dialog over everything, which begins below it', async () => {
    await showModal('large');
    await expect.poll(inReach).toBe(true);
    const large = page.locator('#large');
    await expect.poll(async () => (await large.boundingBox())?.y).toBeGreaterThanOrEqual(52);
    await expect
      .poll(async () =>
        Math.ceil(((await large.boundingBox())?.y ?? 0) + ((await large.boundingBox())?.height ?? 0)),
      )
      .toBeLessThanOrEqual(700);
    expect(await axeViolations(page)).toEqual([]);
    await expectStops();
  });

  test('is reached by keyboard while a modal dialog is open, and after it was closed', async () => {
    const focused = () => stopButton().evaluate((button) => button.matches(':focus'));
    await showModal('small');
    await expect.poll(inReach).toBe(true);
    await page.getByRole('button', { name: 'Yes' }).focus();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe(true);
    await page.keyboard.press('Escape');
    await page.locator('#small').waitFor({ state: 'hidden' });
    await expect
      .poll(() => page.evaluate(() => document.querySelector('act-as-frame')?.parentNode?.nodeName))
      .toBe('HTML');
    await expectStops();
  });

  test('goes with the uppermost of several dialogs, and survives each being removed', async () => {
    await showModal('small');
    await showModal('large');
    await expect.poll(inReach).toBe(true);
    await page.evaluate(() => document.querySelector('#large')?.remove());
    await expect.poll(inReach).toBe(true);
    expect(await page.getByRole('button', { name: 'Yes' }).isEnabled()).toBe(true);
    await page.evaluate(() => document.querySelector('#small')?.replaceChildren('rendered anew'));
    await expectStops();
  });

  test('is in reach of a modal dialog in a shadow root of the page', async () => {
    await page.evaluate(() => {
      const shell = document.body.appendChild(document.createElement('div'));
      const dialog = document.createElement('dialog');
      shell.attachShadow({ mode: 'open' }).append(dialog);
      dialog.showModal();
    });
    await expectStops();
  });

  test.each([
    ['a popover', () => document.querySelector<HTMLElement>('#sheet')?.showPopover()],
    [
      'a fixed element of the highest order',
      () => {
        const over = document.body.appendChild(document.createElement('div'));
        over.style.cssText = 'position:fixed;inset:0;z-index:2147483647;background:white';
      },
    ],
  ])('is in reach above %s', async (_name, open) => {
    await page.evaluate(open);
    await expectStops();
  });

  // What fills the screen takes every press in Chromium, so the banner goes into it.
  test('is in reach above the full screen, and when that is left', async () => {
    await page.evaluate(() => document.querySelector('main')?.requestFullscreen());
    await expect.poll(inReach).toBe(true);
    expect(await barTop()).toBe(0);
    await page.evaluate(() => document.exitFullscreen());
    await expect
      .poll(() => page.evaluate(() => document.querySelector('act-as-frame')?.parentNode?.nodeName))
      .toBe('HTML');
    await expectStops();
  });
});

describe('the banner under style against the root', () => {
  test.each([
    'opacity: 0 !important',
    'display: none !important',
    'visibility: hidden !important',
    'content-visibility: hidden !important',
    'translate: 0 -300px !important; transform: scale(0.1) !important',
    'filter: blur(50px) opacity(0) !important',
    'clip-path: inset(100%) !important',
    'contain: strict !important; height: 0 !important; overflow: clip !important',
    'pointer-events: none !important; interactivity: inert',
    'zoom: 0.1 !important',
    'zoom: 6 !important',
  ])('%s stays in reach', async (declarations) => {
    await style(`html { ${declarations} }`);
    await expect
      .poll(async () => (await page.locator('act-as-frame .acting').boundingBox())?.height)
      .toBeCloseTo(52, 0);
    await expectStops();
  });

  test('stays in reach where the root is made inert', async () => {
    await page.evaluate(() => (document.documentElement.inert = true));
    await expectStops();
  });

  test('stays in reach under style against itself', async () => {
    await style(
      'act-as-frame { display: none !important; visibility: hidden !important; opacity: 0 !important; translate: 0 -300px !important; clip-path: inset(100%) !important; pointer-events: none !important; zoom: 0.1 !important }',
    );
    await expectStops();
  });

  test.each(['before', 'after'])(
    'stays in reach behind nothing that the page puts %s it in its own place',
    async (side) => {
      await style(
        `act-as-frame::${side} { content: "Signed in as yourself" !important; display: block !important; position: fixed !important; inset: 0 !important; background: white !important; z-index: 1 !important }`,
      );
      await expectStops();
    },
  );

  test('stays in reach where the page draws the one before over it for as long as it likes', async () => {
    const html = `<!doctype html><html lang="en"><title>Shop</title><style>@view-transition { navigation: auto }
      ::view-transition-group(*) { animation-duration: 100000s }
      ::view-transition-new(root) { display: none }</style><h1>Shop</h1><a href="/market">Market</a></html>`;
    site.pages.set('/market', { html });
    site.pages.set('/before', { html });
    const { decorations } = site;
    site.decorations = [];
    await page.goto(`${site.origin}/before`);
    site.decorations = decorations;
    await page.getByRole('link', { name: 'Market' }).click();
    await page.locator('act-as-frame .ticking').waitFor();
    // A picture that was begun before our style was read is ended when the script next looks.
    await expect.poll(inReach, { timeout: 5_000 }).toBe(true);
    await expectStops();
  });

  test('does not cover the beginning of a page on paper', async () => {
    await page.emulateMedia({ media: 'print' });
    const bar = await page.locator('act-as-frame .acting').boundingBox();
    const heading = await page.getByRole('heading', { name: 'Shop' }).boundingBox();
    expect(bar?.height).toBeGreaterThan(20);
    expect(heading?.y).toBeGreaterThanOrEqual(bar?.height ?? Infinity);
  });
});
