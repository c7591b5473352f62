/** The whole story in two real browsers: a manager helps a shopper, and both see what they should. */
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MINUTE, startSystem, type System } from '../system.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
let system: System;
let manager: Page;
let shopper: Page;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  system = await startSystem();
  manager = await signedIn('mia@valley.example');
  shopper = await signedIn('sam@valley.example');
});
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  await system.close();
});

async function signedIn(email: string): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  await page.goto(system.url);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('market');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/market');
  return page;
}

async function startFromRow(page: Page, reason: string): Promise<void> {
  await page.goto(`${system.url}/users/list?q=whitaker`);
  await page.locator('tr').getByRole('button', { name: 'Act as Sam Whitaker' }).click();
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: 'Start acting' }).click();
  await page.waitForURL('**/market');
}

const stopButton = (page: Page) => page.getByRole('button', { name: 'Stop acting as Sam Whitaker' });
const price = (page: Page): Promise<string> =>
  page.locator('.product', { hasText: 'Country Sourdough' }).locator('.price').innerText();

const recordSchema = z.object({
  events: z.array(z.object({ event: z.string(), action: z.string(), reason: z.string().nullable() })),
});

/** The record as its reviewer reads it, oldest first. */
async function record(page: Page): Promise<z.infer<typeof recordSchema>['events']> {
  const answer = await page.request.get(`${system.url}/admin/impersonation-audit/events.json`);
  return recordSchema.parse(await answer.json()).events.toReversed();
}

describe('acting as a customer, in the browser', () => {
  it('runs from the row to the record: prices, order, refusal, stop, notice, pause and CSV', async () => {
    const regular = await price(manager);
    await startFromRow(manager, 'phone order, Tuesday pickup');

    // In Sam's seat: his name, his prices, the time that is left.
    await expect.poll(() => manager.getByText('You are acting as').isVisible()).toBe(true);
    expect(await manager.getByText('30:00 left').or(manager.getByText('29:5')).first().isVisible()).toBe(
      true,
    );
    const seen = await price(manager);
    expect(seen).not.toBe(regular);

    // Sam, at home, is told; he can look around, but not put anything in his cart.
    await shopper.goto(`${system.url}/market`);
    await expect
      .poll(() => shopper.getByText('Mia from your market is currently helping you').isVisible())
      .toBe(true);
    expect(await price(shopper)).toBe(seen);
    await shopper
      .locator('.product', { hasText: 'Country Sourdough' })
      .getByRole('button', { name: /add/i })
      .click();
    await expect.poll(() => shopper.locator('#status').innerText()).toContain('paused');

    // Mia puts bread in the cart and orders with the card on file.
    await manager
      .locator('.product', { hasText: 'Country Sourdough' })
      .getByRole('button', { name: /add/i })
      .click();
    await expect.poll(() => manager.locator('#status').innerText()).toMatch(/cart/i);
    await manager.goto(`${system.url}/checkout`);
    await manager.getByLabel(/4242/).check();
    await manager.getByRole('button', { name: /place order/i }).click();
    await manager.waitForURL('**/orders/*');
    expect(await manager.locator('main').innerText()).toContain('Placed by Mia Moreno, market manager');

    // The password is off-limits, and she is told so.
    await manager.goto(`${system.url}/account`);
    await manager.getByLabel(/current password/i).fill('market');
    await manager
      .getByLabel(/new password/i)
      .first()
      .fill('another-one-1');
    await manager.getByRole('button', { name: /change password/i }).click();
    await expect
      .poll(() => manager.locator('#status').innerText())
      .toContain('isn’t available during an act-as session');

    await stopButton(manager).click();
    await manager.waitForURL('**/users/list?q=whitaker');
    expect(await manager.locator('.user-name').innerText()).toBe('Mia Moreno');
    expect(await stopButton(manager).count()).toBe(0);

    // Sam is free again and finds in his history who placed the order.
    await shopper.goto(`${system.url}/market`);
    expect(await shopper.getByText('is currently helping you').count()).toBe(0);
    await shopper
      .locator('.product', { hasText: 'Country Sourdough' })
      .getByRole('button', { name: /add/i })
      .click();
    await expect.poll(() => shopper.locator('#status').innerText()).not.toContain('paused');
    await shopper.goto(`${system.url}/orders`);
    expect(await shopper.locator('main').innerText()).toContain('Mia Moreno');

    // The record tells it in order, and the file says the same.
    const rows = await record(manager);
    expect(rows.map(({ event, action }) => `${event} ${action}`)).toEqual([
      'start start_acting',
      'action add_to_cart',
      'action place_order',
      'blocked change_password_blocked',
      'stop stop_acting',
    ]);
    expect(rows[0]?.reason).toBe('phone order, Tuesday pickup');
    await manager.goto(`${system.url}/admin/impersonation-audit`);
    expect(await manager.locator('main').innerText()).toContain('phone order, Tuesday pickup');
    const [download] = await Promise.all([
      manager.waitForEvent('download'),
      manager.getByRole('link', { name: /download csv/i }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^acting-as-customer-audit-\d{4}-\d\d-\d\d\.csv$/);
    const csv = await readFile(await download.path(), 'utf8');
    const events = csv
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(',')[1]);
    expect(events.toReversed()).toEqual(rows.map(({ event }) => event));
  });

  it('starts from the detail window as well, for whoever the window shows', async () => {
    await manager.goto(`${system.url}/users/list`);
    await manager.getByRole('button', { name: 'Sam Whitaker', exact: true }).click();
    const modal = manager.locator('dialog#customer-modal');
    await modal.getByRole('button', { name: 'Act as Sam Whitaker' }).click();
    await manager.getByRole('button', { name: 'Start acting' }).click();
    await manager.waitForURL('**/market');
    await expect.poll(() => stopButton(manager).isVisible()).toBe(true);
  });

  it('asks at sign-out what is meant: just stop, and stay signed in', async () => {
    await startFromRow(manager, '');
    await manager.getByRole('button', { name: 'Sign out' }).click();
    await manager.getByRole('button', { name: 'Just stop acting as Sam Whitaker' }).click();
    await manager.waitForURL('**/users/list?q=whitaker');
    expect(await manager.locator('.user-name').innerText()).toBe('Mia Moreno');
    expect((await record(manager)).map(({ action }) => action)).toEqual(['start_acting', 'stop_acting']);
  });

  it('asks at sign-out what is meant: sign out entirely', async () => {
    await startFromRow(manager, '');
    await manager.getByRole('button', { name: 'Sign out' }).click();
    await manager.getByRole('button', { name: 'Sign out entirely' }).click();
    await manager.getByRole('button', { name: 'Sign in' }).waitFor();
    expect((await manager.request.get(`${system.url}/api/me`)).status()).toBe(401);
    const reviewer = await signedIn('mia@valley.example');
    expect((await record(reviewer)).map(({ event, action }) => `${event} ${action}`)).toEqual([
      'start start_acting',
      'stop sign_out',
    ]);
  });

  it('asks the sign-out question without JavaScript too', async () => {
    await startFromRow(manager, '');
    await manager.goto(`${system.url}/logout`);
    expect(await manager.locator('h1').innerText()).toBe('You are acting as Sam Whitaker');
    await manager.getByRole('button', { name: 'Just stop acting as Sam Whitaker' }).click();
    await manager.waitForURL('**/users/list?q=whitaker');
    expect(await manager.locator('.user-name').innerText()).toBe('Mia Moreno');
  });

  it('ends after thirty idle minutes: the page is covered and what it sends is refused', async () => {
    await manager.clock.install();
    await startFromRow(manager, '');
    await system.pass(29 * MINUTE);
    await manager.goto(`${system.url}/cart`);
    await system.pass(29 * MINUTE);
    expect((await manager.request.get(`${system.url}/api/cart`)).status()).toBe(200);

    await system.pass(30 * MINUTE);
    await manager.clock.fastForward('31:00');
    await manager.getByRole('heading', { name: 'Your session as Sam Whitaker has ended' }).waitFor();
    expect((await manager.request.get(`${system.url}/api/cart`)).status()).toBe(401);
    await manager.getByRole('button', { name: 'Continue as yourself' }).click();
    await expect.poll(() => manager.locator('.user-name').innerText()).toBe('Mia Moreno');
    expect((await record(manager)).map(({ event, action }) => `${event} ${action}`)).toEqual([
      'start start_acting',
      'expired idle_timeout',
    ]);
  });

  it('ends after two hours however busy: the next page says so and leads back to oneself', async () => {
    await startFromRow(manager, '');
    for (let minutes = 0; minutes < 120; minutes += 20) {
      expect((await manager.goto(`${system.url}/market`))?.status()).toBe(200);
      await system.pass(20 * MINUTE);
    }
    expect((await manager.goto(`${system.url}/market`))?.status()).toBe(401);
    expect(await manager.locator('h1').innerText()).toBe('Your act-as session has ended');
    await manager.getByRole('button', { name: 'Continue as yourself' }).click();
    await expect.poll(() => manager.locator('.user-name').innerText()).toBe('Mia Moreno');
    expect((await record(manager)).map(({ event, action }) => `${event} ${action}`)).toEqual([
      'start start_acting',
      'expired absolute_timeout',
    ]);
  });

  it('covers the other tabs of the same browser when one of them stops', async () => {
    await startFromRow(manager, '');
    const other = await manager.context().newPage();
    await other.goto(`${system.url}/cart`);
    await expect.poll(() => stopButton(other).isVisible()).toBe(true);
    await stopButton(manager).click();
    await manager.waitForURL('**/users/list?q=whitaker');
    await other.getByRole('heading', { name: 'Your session as Sam Whitaker has ended' }).waitFor();
  });

  it('covers a page of her own that was open before she began, so that it does nothing in the other seat', async () => {
    await manager.goto(`${system.url}/users/list`);
    const own = await manager.context().newPage();
    await own.goto(`${system.url}/market`);
    expect(await own.locator('.user-name').innerText()).toBe('Mia Moreno');
    await startFromRow(manager, '');
    await expect.poll(() => own.locator('act-as-frame').locator('dialog[open]').isVisible()).toBe(true);
  });

  it('lets her go on here when her session was left behind in a browser that is gone', async () => {
    await startFromRow(manager, '');
    const elsewhere = await signedIn('mia@valley.example');
    await elsewhere.goto(`${system.url}/users/list?q=nakamura`);
    await elsewhere.locator('tr').getByRole('button', { name: 'Act as Sue Nakamura' }).click();
    await elsewhere.getByRole('button', { name: 'Start acting' }).click();
    await elsewhere.getByRole('button', { name: 'End that session and start here' }).click();
    await elsewhere.waitForURL('**/market');
    await expect
      .poll(() => elsewhere.getByRole('button', { name: 'Stop acting as Sue Nakamura' }).isVisible())
      .toBe(true);
    expect((await manager.goto(`${system.url}/market`))?.status()).toBe(401);
  });
});
