import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';
import { actingAs, assistedNotice, buttons, openSite, ORDINARY, type Site } from './decorated-site.ts';

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
  site.pages.set('/users/list', { html: '<title>List</title><body><h1>List</h1>' });
  context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await site.close();
});

const MARKET = `<!doctype html><html lang="en"><head><title>Shop</title></head><body><main><h1>Secret prices</h1>
  <a href="/logout">Sign out by link</a>
  <a href="/logout/help">Help</a>
  <form action="/api/logout" method="post"><input name="action" value="x" aria-label="Action"><button>Sign out by form</button></form>
  <button onclick="fetch('/api/logout', { method: 'POST' })">Sign out by fetch</button>
  <button onclick="fetch('/api/password', { method: 'PUT' })">Change password</button>
  <button onclick="const x = new XMLHttpRequest(); x.open('PUT', '/api/password'); x.send()">Change it otherwise</button>
  <button onclick="document.querySelector('dialog').showModal()">Open modal</button>
  <dialog><button onclick="fetch('/api/password', { method: 'PUT' })">Change in modal</button></dialog>
</main></body></html>`;

const ended = (on: Page = page) => on.getByRole('heading', { name: 'Your session as Sam Rivera has ended' });
const question = () => page.getByRole('dialog', { name: 'You are acting as Sam Rivera' });
const posts = () => site.sent.filter(({ method }) => method !== 'GET');

async function open(on: Page = page): Promise<void> {
  await on.goto(`${site.origin}/market`);
  await on.locator('act-as-frame .ticking').waitFor();
}

/** Nothing of the page behind it can be seen or reached. */
async function expectCovered(on: Page): Promise<void> {
  const { hit, body } = await on.evaluate(() => ({
    hit: document.elementsFromPoint(innerWidth / 2, 5)[0]?.localName,
    body: document.body.checkVisibility({ visibilityProperty: true }),
  }));
  expect({ hit, body }).toEqual({ hit: 'act-as-frame', body: false });
}

describe('stopping', () => {
  test('goes where the gateway says, and covers the other tabs at once', async () => {
    const other = await context.newPage();
    await open();
    await open(other);
    await page.getByRole('button', { name: 'Stop acting as Sam Rivera' }).click();
    await page.waitForURL('**/users/list');
    await ended(other).waitFor();
    await expectCovered(other);
    expect(posts()).toEqual([
      { method: 'POST', path: '/_act-as/stop', type: 'application/json', body: '{}' },
    ]);
  });

  test('works as a plain form where the request fails', async () => {
    await open();
    let failed = false;
    await page.route('**/_act-as/stop', (route) => {
      if (failed) return route.continue();
      failed = true;
      return route.abort();
    });
    await page.getByRole('button', { name: 'Stop acting as Sam Rivera' }).click();
    await page.waitForURL('**/users/list');
    expect(posts()).toEqual([
      { method: 'POST', path: '/_act-as/stop', type: 'application/x-www-form-urlencoded', body: '' },
    ]);
  });

  test('a session that is over already leads back all the same', async () => {
    await open();
    site.answers.set('POST /_act-as/stop', { status: 409, json: { code: 'no_session', detail: 'None.' } });
    await page.getByRole('button', { name: 'Stop acting as Sam Rivera' }).click();
    await page.waitForURL('**/users/list');
    expect(posts()).toHaveLength(1);
  });

  test('pressed twice asks once', async () => {
    await open();
    await page.getByRole('button', { name: 'Stop acting as Sam Rivera' }).dblclick();
    await page.waitForURL('**/users/list');
    expect(posts()).toHaveLength(1);
  });
});

describe('a page whose session has ended', () => {
  test('is covered as soon as the tab is looked at again, and leads back to where it began', async () => {
    await open();
    site.status = ORDINARY;
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await ended().waitFor();
    await expectCovered(page);
    for (const key of ['Escape', 'Escape', 'Escape']) await page.keyboard.press(key);
    await expectCovered(page);
    expect(await ended().isVisible()).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Continue as yourself' }).click();
    await page.waitForURL('**/users/list');
  });

  test('stays covered when the page opens a dialog of its own on top', async () => {
    await open();
    site.status = ORDINARY;
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await ended().waitFor();
    await page.evaluate(() => document.querySelector('dialog')?.showModal());
    expect(await page.getByRole('button', { name: 'Change in modal' }).isVisible()).toBe(false);
  });

  test('is covered when the gateway refuses a request because of it', async () => {
    await open();
    site.status = ORDINARY;
    site.refusals.set('PUT /api/password', 'session_ended');
    await page.getByRole('button', { name: 'Change password' }).click();
    await ended().waitFor();
    await expectCovered(page);
    expect(posts().map(({ path }) => path)).toEqual(['/api/password']);
  });

  test('is not taken for that of another session, nor stops it', async () => {
    await open();
    site.status = actingAs('Sue Park', 'session-2');
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await page.getByRole('heading', { name: 'You are now acting as Sue Park' }).waitFor();
    await expectCovered(page);
    expect(posts()).toEqual([]);
  });

  test('whose cover is left after another session began elsewhere does not end that one', async () => {
    await open();
    site.status = ORDINARY;
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await ended().waitFor();
    site.status = actingAs('Sue Park', 'session-2');
    await page.getByRole('button', { name: 'Continue as yourself' }).click();
    await page.getByRole('heading', { name: 'You are now acting as Sue Park' }).waitFor();
    expect(posts()).toEqual([]);
  });

  /** A page of one's own, and news from another tab that acting began there. */
  async function ownPageHearsOfStart(): Promise<void> {
    site.status = ORDINARY;
    site.decorations = [
      buttons([{ page: '/users/list', each: 'h1', idAttribute: 'id', position: 'append' }]),
    ];
    await page.goto(`${site.origin}/users/list`);
    await page.locator('act-as-frame').waitFor({ state: 'attached' });
    await expect
      .poll(() => page.evaluate(() => document.querySelector('act-as-frame')?.parentNode?.nodeName))
      .toBe('HTML');
    site.status = actingAs();
    const other = await context.newPage();
    await other.goto(`${site.origin}/users/list`);
    await other.evaluate(() => {
      const channel = new BroadcastChannel('act-as');
      const send = channel.postMessage.bind(channel);
      send({ type: 'started' });
    });
  }

  test('a page of one’s own is covered when acting began in another tab', async () => {
    await ownPageHearsOfStart();
    await page.getByRole('heading', { name: 'You are now acting as Sam Rivera' }).waitFor();
    await expectCovered(page);
  });

  test('it is covered as well where nobody can say for whom', async () => {
    await page.route('**/_act-as/status', (route) => route.abort());
    await ownPageHearsOfStart();
    await page.getByRole('heading', { name: 'Your session could not be checked' }).waitFor();
    await expectCovered(page);
    await page.unroute('**/_act-as/status');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'You are now acting as Sam Rivera' }).waitFor();
  });

  test('is checked before it is shown when the browser brings it back', async () => {
    await context.close();
    const keeping = await launchChromium({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    context = await keeping.newContext();
    page = await context.newPage();
    site.storable = true;
    try {
      await open();
      await page.evaluate(() =>
        addEventListener('pageshow', ({ persisted }) => (document.title = persisted ? 'kept' : 'new')),
      );
      site.decorations = [];
      await page.goto(`${site.origin}/users/list`);
      site.status = ORDINARY;
      // Playwright waits in vain for such a page to load.
      await page.evaluate(() => history.back());
      await ended().waitFor();
      await expectCovered(page);
      expect(await page.title()).toBe('kept');
    } finally {
      await keeping.close();
    }
  });

  test('put away by the browser is covered, and uncovered once its session is known to live', async () => {
    await open();
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await expectCovered(page);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await expect.poll(() => page.getByRole('heading', { name: 'Secret prices' }).isVisible()).toBe(true);
  });

  test('that cannot be checked stays hidden until it can', async () => {
    await open();
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await page.route('**/_act-as/status', (route) => route.abort());
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await page.getByRole('heading', { name: 'Your session could not be checked' }).waitFor();
    await page.unroute('**/_act-as/status');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => page.getByRole('heading', { name: 'Secret prices' }).isVisible()).toBe(true);
  });
});

describe('signing out while acting', () => {
  test.each([
    ['a link', 'Sign out by link', 'link'],
    ['a form', 'Sign out by form', 'button'],
  ] as const)('by %s asks first, and sends nothing', async (_name, name, role) => {
    await open();
    await page.getByRole(role, { name }).click();
    await question().waitFor();
    expect(posts()).toEqual([]);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await question().waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${site.origin}/market`);
    await page.getByRole(role, { name }).click();
    await page.getByRole('button', { name: 'Just stop acting as Sam Rivera' }).click();
    await page.waitForURL('**/users/list');
    expect(posts().map(({ path, body }) => ({ path, body }))).toEqual([
      { path: '/_act-as/stop', body: '{}' },
    ]);
  });

  test('by a script is noticed by the gateway’s refusal, even if the script reads nothing of it', async () => {
    site.refusals.set('POST /api/logout', 'confirm');
    await open();
    await page.getByRole('button', { name: 'Sign out by fetch' }).click();
    await question().waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await question().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Sign out by fetch' }).click();
    await question().waitFor();
    await page.getByRole('button', { name: 'Sign out entirely' }).click();
    await page.waitForURL('**/users/list');
    expect(posts().at(-1)).toMatchObject({ path: '/_act-as/stop', body: '{"sign_out":true}' });
  });

  test('entirely, as a plain form where the request fails', async () => {
    await open();
    let failed = false;
    await page.route('**/_act-as/stop', (route) => {
      if (failed) return route.continue();
      failed = true;
      return route.abort();
    });
    await page.getByRole('link', { name: 'Sign out by link' }).click();
    await page.getByRole('button', { name: 'Sign out entirely' }).click();
    await page.waitForURL('**/users/list');
    expect(posts().at(-1)).toMatchObject({ path: '/_act-as/stop', body: 'sign_out=true' });
  });

  test('is not confused with a link that only looks like it', async () => {
    site.pages.set('/logout/help', { html: '<h1>Help</h1>' });
    await open();
    await page.getByRole('link', { name: 'Help' }).click();
    await page.waitForURL('**/logout/help');
    expect(await page.getByRole('heading', { name: 'Help' }).isVisible()).toBe(true);
  });
});

describe('what the gateway refuses to the page’s scripts', () => {
  test.each([['Change password'], ['Change it otherwise']])('is said: %s', async (name) => {
    site.refusals.set('PUT /api/password', 'blocked');
    await open();
    await page.getByRole('button', { name }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.locator('p').textContent()).toBe(
      'This isn’t available while you are acting as Sam Rivera. The attempt was recorded.',
    );
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await alert.waitFor({ state: 'detached' });
  });

  test('is said in the words of the refusal where there are any', async () => {
    site.refusals.set('PUT /api/password', 'blocked');
    site.words.set('blocked', 'A price is $0.01 or more — “free” isn’t one.');
    await open();
    await page.getByRole('button', { name: 'Change it otherwise' }).click();
    await expect
      .poll(() => page.getByRole('alert').locator('p').textContent())
      .toBe('A price is $0.01 or more — “free” isn’t one.');
  });

  test('is not said in the words of other sites', async () => {
    const elsewhere = await openSite();
    elsewhere.answers.set('GET /ad', {
      status: 200,
      headers: {
        'timing-allow-origin': '*',
        'access-control-allow-origin': '*',
        'server-timing': 'act-as;desc="blocked", act-as-request;desc="1", act-as-words;desc="Call%20555"',
      },
      json: {},
    });
    await open();
    await page.evaluate(async (url) => {
      await (await fetch(url)).text();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }, `${elsewhere.origin}/ad`);
    expect(await page.getByRole('alert').count()).toBe(0);
    await elsewhere.close();
  });

  test('is not said in their words either where the site itself led there', async () => {
    const elsewhere = await openSite();
    const speaks = {
      'timing-allow-origin': '*',
      'access-control-allow-origin': '*',
      'server-timing': 'act-as;desc="blocked", act-as-request;desc="1", act-as-words;desc="Call%20555"',
    };
    elsewhere.answers.set('GET /ad', { status: 200, headers: speaks, json: {} });
    // An app that leads wherever it is asked to, for instance to the pictures that people put into their texts.
    site.answers.set('GET /out', { status: 302, headers: { location: `${elsewhere.origin}/ad` }, json: {} });
    await open();
    await page.evaluate(async () => {
      await (await fetch('/out')).text();
      const picture = new Image();
      picture.src = '/out?picture';
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    });
    expect(elsewhere.sent.length).toBeGreaterThan(1);
    expect(await page.getByRole('alert').count()).toBe(0);
    await elsewhere.close();
  });

  test('is not said again where the page itself says it', async () => {
    const words = 'A price is $0.01 or more.';
    site.refusals.set('PUT /api/password', 'blocked');
    site.words.set('blocked', words);
    await open();
    await page.evaluate((said) => document.querySelector('main')?.append(said), `Sorry: ${words}`);
    await page.getByRole('button', { name: 'Change it otherwise' }).click();
    await expect.poll(() => posts().length).toBe(1);
    await page.waitForTimeout(1_500);
    expect(await page.getByRole('alert').count()).toBe(0);
    // Hidden, it is not said.
    await page.evaluate(() => document.querySelector('main')?.lastChild?.remove());
    await page.getByRole('button', { name: 'Change it otherwise' }).click();
    await page.getByRole('alert').waitFor();
  });

  test('is said above a modal dialog of the page', async () => {
    site.refusals.set('PUT /api/password', 'blocked');
    await open();
    await page.getByRole('button', { name: 'Open modal' }).click();
    await page.getByRole('button', { name: 'Change in modal' }).click();
    const toast = page.locator('act-as-frame .toast');
    await toast.waitFor();
    expect(await toast.evaluate((element) => element.matches(':popover-open'))).toBe(true);
  });

  test('goes away by itself', async () => {
    await page.clock.install();
    site.refusals.set('PUT /api/password', 'blocked');
    await open();
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('alert').waitFor();
    await page.clock.runFor(11_000);
    expect(await page.getByRole('alert').count()).toBe(1);
    await page.clock.runFor(2_000);
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  test('tells a shopper who is helping, and until when the cart is paused', async () => {
    const { startedAt, idleExpiresAt, absoluteExpiresAt } = assistedNotice();
    site.decorations = [assistedNotice()];
    site.status = {
      actor: null,
      acting: null,
      assisted: {
        actor_first_name: 'Mia',
        started_at: startedAt,
        idle_expires_at: idleExpiresAt,
        absolute_expires_at: absoluteExpiresAt,
      },
    };
    site.refusals.set('PUT /api/password', 'paused');
    await page.goto(`${site.origin}/market`);
    await expect
      .poll(() => page.evaluate(() => document.querySelector('act-as-frame')?.parentNode?.nodeName))
      .toBe('HTML');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toMatch(
        /^Mia from your market is helping you right now, so your cart and checkout are paused until \d+:\d\d\s[AP]M/,
      );
  });
});
