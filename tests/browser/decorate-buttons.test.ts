import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ButtonPlace } from '../../gateway/decorate/index.ts';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';
import { buttons, MIA, openSite, ORDINARY, type Site } from './decorated-site.ts';

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
  site.status = ORDINARY;
  site.decorations = [buttons(PLACES)];
  site.pages.set('/users/list', {
    html: LIST,
    headers: { 'content-security-policy': "default-src 'self' 'unsafe-inline'" },
  });
  site.answers.set('POST /_act-as/sessions', { status: 201, json: { session: {}, location: '/market' } });
  context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await site.close();
});

const PLACES: readonly ButtonPlace[] = [
  {
    page: '/users/list',
    each: 'tr[data-user]',
    idAttribute: 'data-user',
    nameAttribute: 'data-name',
    into: '.actions',
    position: 'append',
  },
  {
    page: '/users/*',
    each: '#detail[open]',
    idAttribute: 'data-user',
    nameAttribute: 'data-name',
    position: 'prepend',
  },
  { page: '/elsewhere', each: 'h1', idAttribute: 'class', position: 'append' },
];
const LIST = `<!doctype html><html lang="en"><head><title>List</title></head><body><main><h1 class="1">Shoppers</h1>
  <table><tbody><tr data-user="7" data-name="Sam Rivera"><td>Sam Rivera</td><td class="actions"></td></tr></tbody></table>
  <dialog id="detail" aria-label="Detail"><p>detail</p></dialog>
  <script>
    document.querySelector('tbody').addEventListener('click', () => { document.title = 'row pressed'; });
    document.addEventListener('keydown', () => { document.title = 'key seen'; });
  </script></main></body></html>`;

const actAs = (name: string) => page.getByRole('button', { name: `Act as ${name}`, exact: true });
const dialog = () => page.getByRole('dialog', { name: 'Act as Sam Rivera' });
const starts = () =>
  site.sent.filter(({ path }) => path === '/_act-as/sessions').map(({ body }): unknown => JSON.parse(body));

async function open(): Promise<void> {
  await page.goto(`${site.origin}/users/list`);
}

async function openModalFor(id: string, name: string): Promise<void> {
  await page.evaluate(
    ([user = '', called = '']) => {
      const modal = document.querySelector('dialog');
      modal?.setAttribute('data-user', user);
      modal?.setAttribute('data-name', called);
      if (modal && !modal.open) modal.showModal();
    },
    [id, name],
  );
}

describe('Act-as buttons', () => {
  test('stand in each row, once, and tell whom they are for', async () => {
    await open();
    await actAs('Sam Rivera').waitFor();
    expect(await page.getByRole('button').count()).toBe(1);
    expect(await actAs('Sam Rivera').textContent()).toBe('Act as');
    expect(await axeViolations(page)).toEqual([]);
  });

  test('do not press the row around them', async () => {
    await open();
    await actAs('Sam Rivera').click();
    await dialog().waitFor();
    await page.keyboard.type('abc');
    expect(await page.title()).toBe('List');
  });

  test('come with rows that come later, return to rows that are rendered anew, and follow rows that change', async () => {
    await open();
    await actAs('Sam Rivera').waitFor();
    await page.evaluate(() => {
      const row = document.querySelector('tr');
      const copy = row?.cloneNode(true);
      if (!(copy instanceof HTMLElement)) throw new Error('no row');
      copy.dataset['user'] = '8';
      copy.dataset['name'] = 'Sue Park';
      row?.after(copy);
    });
    await actAs('Sue Park').waitFor();
    await page.evaluate(() => document.querySelector('.actions')?.replaceChildren('anew'));
    await actAs('Sam Rivera').waitFor();
    await page.evaluate(() => {
      for (let turn = 0; turn < 20; turn += 1)
        document.querySelector('tbody')?.append(document.querySelector('tr') ?? '');
    });
    expect(await page.getByRole('button').count()).toBe(2);
    await page.evaluate(() => {
      const row = document.querySelector<HTMLElement>('tr[data-user="7"]');
      if (row) Object.assign(row.dataset, { user: '9', name: 'Ann Lee' });
    });
    await actAs('Ann Lee').click();
    await page.getByRole('button', { name: 'Start acting' }).click();
    await page.waitForURL('**/market');
    expect(starts()).toEqual([{ subject: '9', reason: '', return_to: '/users/list' }]);
  });

  test('in a modal that is used for one customer after another always carry the current one', async () => {
    await open();
    await openModalFor('7', 'Sam Rivera');
    await page.locator('#detail').getByRole('button', { name: 'Act as Sam Rivera' }).waitFor();
    await page.evaluate(() => document.querySelector('dialog')?.close());
    await openModalFor('8', 'Sue Park');
    const inside = page.locator('#detail').getByRole('button');
    await expect.poll(() => inside.getAttribute('aria-label')).toBe('Act as Sue Park');
    expect(await inside.count()).toBe(1);
    await inside.click();
    await page.getByLabel('Reason (optional)').fill('phone order, Tuesday pickup');
    await page.getByRole('button', { name: 'Start acting' }).click();
    await page.waitForURL('**/market');
    expect(starts()).toEqual([
      { subject: '8', reason: 'phone order, Tuesday pickup', return_to: '/users/list' },
    ]);
  });

  test('are gone where the element stands for nobody', async () => {
    await open();
    await actAs('Sam Rivera').waitFor();
    await page.evaluate(() => document.querySelector('tr')?.removeAttribute('data-user'));
    await expect.poll(() => page.getByRole('button').count()).toBe(0);
  });

  test('follow client-side navigation', async () => {
    await open();
    await actAs('Sam Rivera').waitFor();
    await page.evaluate(() => {
      history.pushState(null, '', '/elsewhere');
      document.querySelector('h1')?.append(' elsewhere');
    });
    await actAs('this person').waitFor();
    expect(await page.getByRole('button').count()).toBe(1);
  });

  test('are not for people who may not act', async () => {
    site.status = { ...ORDINARY, actor: { ...MIA, may_act: false } };
    const answered = () => page.waitForResponse('**/_act-as/status');
    await Promise.all([answered(), open()]);
    // The second answer is asked for after the first one was dealt with.
    await Promise.all([answered(), page.evaluate(() => dispatchEvent(new Event('focus')))]);
    expect(await page.getByRole('button').count()).toBe(0);
  });

  test('turn neither markup nor direction marks of a name into anything', async () => {
    await open();
    await page.evaluate(() => {
      const row = document.querySelector('tr');
      row?.setAttribute('data-name', '<img src=x onerror=alert(1)> \u202eevil');
    });
    await actAs('<img src=x onerror=alert(1)> evil').click();
    const heading = page.getByRole('heading', { name: 'Act as <img' });
    await heading.waitFor();
    expect(await heading.locator('bdi').evaluate((bdi) => getComputedStyle(bdi).unicodeBidi)).toBe('isolate');
    expect(await page.locator('act-as-frame img').count()).toBe(0);
  });
});

describe('the dialog', () => {
  beforeEach(async () => {
    await open();
    await actAs('Sam Rivera').click();
    await dialog().waitFor();
  });

  test('explains, counts, and is accessible', async () => {
    const text = await dialog().textContent();
    expect(text).toContain(
      'Everything you do is recorded as yours, and Sam Rivera can see that you are helping.',
    );
    expect(text).toContain('30 minutes without activity, and after 2 hours at the latest');
    await page.getByLabel('Reason (optional)').fill('x'.repeat(300));
    await page.getByText('250 / 250').waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  test('begins with the reason field, closes on Escape, and gives the focus back', async () => {
    expect(await page.getByLabel('Reason (optional)').evaluate((field) => field.matches(':focus'))).toBe(
      true,
    );
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await actAs('Sam Rivera').evaluate((button) => button.matches(':focus'))).toBe(true);
    await actAs('Sam Rivera').click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await dialog().waitFor({ state: 'detached' });
    expect(starts()).toEqual([]);
  });

  test('starts once, however often it is pressed', async () => {
    await page.getByRole('button', { name: 'Start acting' }).dblclick();
    await page.waitForURL('**/market');
    expect(starts()).toHaveLength(1);
  });

  test('says why it was refused, in the gateway’s words, and can be tried again', async () => {
    site.answers.set('POST /_act-as/sessions', {
      status: 409,
      json: {
        code: 'seat_taken',
        title: 'The seat is taken',
        detail: 'Someone is already acting for this person.',
      },
    });
    await page.getByRole('button', { name: 'Start acting' }).click();
    await expect
      .poll(() => dialog().getByRole('alert').textContent())
      .toBe('Someone is already acting for this person.');
    site.answers.set('POST /_act-as/sessions', { status: 201, json: { session: {}, location: '/market' } });
    await page.getByRole('button', { name: 'Start acting' }).click();
    await page.waitForURL('**/market');
  });

  test.each([
    ['subject', 'Take the seat over'],
    ['actor', 'End that session and start here'],
  ])('offers what may be done about a seat that is taken (%s)', async (fault, name) => {
    const taken = { code: 'seat_taken', fault, detail: 'The seat is taken.', may_take_over: true };
    site.answers.set('POST /_act-as/sessions', { status: 409, json: taken });
    await page.getByRole('button', { name: 'Start acting' }).click();
    const over = dialog().getByRole('button', { name });
    await over.waitFor();
    expect(await axeViolations(page)).toEqual([]);
    site.answers.set('POST /_act-as/sessions', { status: 201, json: { session: {}, location: '/market' } });
    await over.click();
    await page.waitForURL('**/market');
    expect(starts()).toEqual([
      expect.not.objectContaining({ takeover: true }),
      expect.objectContaining({ takeover: true }),
    ]);
  });

  test('offers nothing where a colleague’s seat is theirs to keep', async () => {
    const taken = {
      code: 'seat_taken',
      fault: 'subject',
      detail: 'The seat is taken.',
      may_take_over: false,
    };
    site.answers.set('POST /_act-as/sessions', { status: 409, json: taken });
    await page.getByRole('button', { name: 'Start acting' }).click();
    await dialog().getByText('The seat is taken.').waitFor();
    expect(await dialog().getByRole('button').allTextContents()).toEqual(['Cancel', 'Start acting']);
  });

  test('says when the site could not be reached', async () => {
    await page.route('**/_act-as/sessions', (route) => route.abort());
    await page.getByRole('button', { name: 'Start acting' }).click();
    await expect
      .poll(() => dialog().getByRole('alert').textContent())
      .toContain('The site could not be reached.');
  });

  test('does not close or start without a reason where one is required', async () => {
    site.decorations = [buttons(PLACES, { reasonRequired: true })];
    await open();
    await actAs('Sam Rivera').click();
    await page.getByRole('button', { name: 'Start acting' }).click();
    expect(await dialog().isVisible()).toBe(true);
    expect(starts()).toEqual([]);
    await page.getByLabel('Reason', { exact: true }).fill('phone order');
    await page.getByRole('button', { name: 'Start acting' }).click();
    await page.waitForURL('**/market');
  });
});
