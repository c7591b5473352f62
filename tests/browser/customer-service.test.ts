/** A customer-service representative's day in a real browser: sign in, find, access, lock, order, switch, and both ways out. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startSystem, type System } from '../system.ts';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';

const orderShape = z.object({ order: z.object({ id: z.string() }) });

let browser: Browser;
let system: System;
let cora: Page;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  system = await startSystem();
});
afterAll(async () => {
  await browser.close();
  await system.close();
});
beforeEach(async () => {
  cora = await signedIn('cora@valley.example', '**/_act-as/');
});
afterEach(async () => {
  for (const context of contexts.splice(0)) {
    const headers = { origin: system.url };
    await context.request.post(`${system.url}/_act-as/stop`, { headers, timeout: 10_000 });
    await context.close();
  }
});

async function signedIn(
  email: string,
  landing: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  contexts.push(context);
  const page = await context.newPage();
  await page.goto(system.url);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('market');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(landing);
  return page;
}

async function find(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox').fill(text);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/_act-as/?q=**');
}

async function access(page: Page, q: string, name: string): Promise<void> {
  await find(page, q);
  await page.locator('tr', { hasText: name }).locator('summary').click();
  await page.getByLabel('Reason').fill('phone order');
  await page.getByRole('button', { name: `Access customer’s account of ${name}` }).click();
  await page.waitForURL('**/account');
}

const banner = (page: Page) => page.locator('act-as-frame .bar');
const ownMenu = (page: Page) => banner(page).locator('summary');
const toast = (page: Page) => page.locator('act-as-frame .toast');

describe('on the Customer Service page', () => {
  it('she lands after signing in, finds a customer by keyboard alone, and is told that it worked', async () => {
    await expect.poll(() => cora.evaluate(() => document.activeElement?.id)).toBe('q');
    await cora.keyboard.type('whitaker');
    await cora.keyboard.press('Enter');
    await cora.waitForURL('**/_act-as/?q=whitaker');
    const summary = cora.locator('tr', { hasText: 'Sam Whitaker' }).locator('summary');
    await summary.focus();
    await cora.keyboard.press('Enter');
    await cora.keyboard.press('Tab');
    await cora.keyboard.type('phone order, Tuesday pickup');
    await cora.keyboard.press('Tab');
    await cora.keyboard.press('Enter');
    await cora.waitForURL('**/account');
    await expect
      .poll(() => toast(cora).innerText())
      .toContain('You successfully accessed Sam Whitaker’s account.');
    expect(await banner(cora).locator('.who').innerText()).toContain('Sam Whitaker');
    expect(await banner(cora).locator('.who').innerText()).toContain('Cora Winslow');
  });

  it('nothing is wrong with it for those who cannot see it, at any width', async () => {
    await find(cora, 'a');
    expect(await cora.locator('tr[data-customer]').count()).toBe(20);
    expect(await axeViolations(cora)).toEqual([]);
    await cora.locator('tr[data-customer] summary').first().click();
    expect(await axeViolations(cora)).toEqual([]);
    await cora.setViewportSize({ width: 360, height: 700 });
    const wide = await cora.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(360);
    expect(await axeViolations(cora)).toEqual([]);
  });

  it('a colleague’s seat is named and taken over, and the colleague’s page is covered with the reason', async () => {
    const sara = await signedIn('sara@valley.example', '**/staff');
    await sara.goto(`${system.url}/_act-as/`);
    await find(sara, 'whitaker');
    await sara.locator('tr', { hasText: 'Sam Whitaker' }).locator('summary').click();
    await sara.getByRole('button', { name: 'Access customer’s account of Sam Whitaker' }).click();
    await sara.waitForURL('**/market');
    await find(cora, 'whitaker');
    const row = cora.locator('tr', { hasText: 'Sam Whitaker' });
    expect(await row.innerText()).toContain('Sara Lindgren is in this seat since');
    await row.locator('summary').click();
    await row.getByRole('button', { name: 'Take over from Sara Lindgren' }).click();
    await cora.waitForURL('**/account');
    await sara.evaluate(() => window.dispatchEvent(new Event('focus')));
    const cover = sara.getByRole('dialog');
    await expect.poll(() => cover.innerText()).toContain('Your session as Sam Whitaker has ended');
    expect(await cover.innerText()).toContain('A colleague took the seat over.');
    expect(await cover.innerText()).toContain('What is in Sam Whitaker’s cart stays there.');
  });
});

describe('in the customer’s seat', () => {
  it('she locks the cart from the message that tells her to, fills it, and finds her order again', async () => {
    const sam = await signedIn('sam@valley.example', '**/market');
    await access(cora, 'whitaker', 'Sam Whitaker');
    await cora.goto(`${system.url}/market`);
    const add = cora.getByRole('button', { name: /^Add/ }).first();
    await add.click();
    await expect.poll(() => toast(cora).innerText()).toContain('Sam Whitaker’s cart is not locked.');
    await toast(cora).getByRole('button', { name: 'Lock cart' }).click();
    await expect.poll(() => toast(cora).innerText()).toContain('Sam Whitaker’s cart is locked');
    await expect.poll(() => banner(cora).getByRole('button', { name: 'Unlock cart' }).isVisible()).toBe(true);
    await add.click();
    await expect.poll(() => cora.locator('#status').innerText()).not.toBe('');
    await sam.reload();
    expect(await banner(sam).innerText()).toContain('your cart and checkout are paused');

    const placed = await cora.evaluate(async () => {
      const answer = await fetch('/api/orders', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      return answer.text();
    });
    const { order } = orderShape.parse(JSON.parse(placed));
    await banner(cora).getByRole('button', { name: 'Unlock cart' }).click();
    await expect.poll(() => toast(cora).innerText()).toContain('unlocked and theirs again');
    await sam.reload();
    expect(await banner(sam).innerText()).toContain('Your cart and checkout are open to you.');

    await ownMenu(cora).click();
    expect(await axeViolations(cora)).toEqual([]);
    await banner(cora).getByRole('button', { name: 'Sign in as yourself' }).click();
    await cora.waitForURL('**/_act-as/');
    expect(await cora.locator('main').innerText()).toContain(order.id);
  });

  it('the link to Customer Service asks first, and then she is ready for the next customer', async () => {
    await access(cora, 'whitaker', 'Sam Whitaker');
    await ownMenu(cora).focus();
    await cora.keyboard.press('Enter');
    await banner(cora).getByRole('button', { name: 'Customer Service' }).press('Enter');
    const dialog = cora.getByRole('dialog');
    await expect.poll(() => dialog.innerText()).toContain('End your session as Sam Whitaker?');
    await dialog.getByRole('button', { name: 'Stay as Sam Whitaker' }).click();
    expect(new URL(cora.url()).pathname).toBe('/account');
    await ownMenu(cora).click();
    await banner(cora).getByRole('button', { name: 'Customer Service' }).click();
    await dialog.getByRole('button', { name: 'End it and go to Customer Service' }).click();
    await cora.waitForURL('**/_act-as/');
    await access(cora, 'nakamura', 'Sue Nakamura');
    expect(await banner(cora).locator('.who').innerText()).toContain('Sue Nakamura');
  });

  it('the menu behind her name closes with Escape, and signs her out of the market', async () => {
    await access(cora, 'whitaker', 'Sam Whitaker');
    await ownMenu(cora).click();
    await expect.poll(() => banner(cora).getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
    await cora.keyboard.press('Escape');
    expect(await banner(cora).getByRole('button', { name: 'Sign out' }).isVisible()).toBe(false);
    await ownMenu(cora).click();
    await banner(cora).getByRole('button', { name: 'Sign out' }).click();
    await expect.poll(() => cora.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(true);
    // A browser that is still clearing away what belonged to the session takes its time to be closed.
    await cora.waitForLoadState('networkidle');
  });

  it('a page that is off-limits leads back to where she was, with a message', async () => {
    await access(cora, 'whitaker', 'Sam Whitaker');
    await cora.goto(`${system.url}/cart`);
    await cora.evaluate(() => {
      const link = document.createElement('a');
      link.href = '/staff/orders';
      document.body.append(link);
      link.click();
    });
    await expect
      .poll(() => toast(cora).innerText())
      .toContain('isn’t available while acting as Sam Whitaker');
    expect(new URL(cora.url()).pathname).toBe('/cart');
  });
});

describe('without a script', () => {
  it('all of it works just the same', async () => {
    const started = await cora.context().cookies();
    const context = await browser.newContext({ javaScriptEnabled: false });
    contexts.push(context);
    await context.addCookies(started);
    const page = await context.newPage();
    await page.goto(`${system.url}/_act-as/`);
    await access(page, 'whitaker', 'Sam Whitaker');
    expect(await banner(page).innerText()).toContain('You successfully accessed Sam Whitaker’s account.');
    await banner(page).getByRole('button', { name: 'Lock cart' }).click();
    await expect.poll(() => banner(page).innerText()).toContain('cart is locked');
    await ownMenu(page).click();
    await banner(page).getByRole('button', { name: 'Customer Service' }).click();
    await page.getByRole('button', { name: 'End it and go to Customer Service' }).click();
    expect(await page.locator('h1').innerText()).toBe('Customer Service');
  });
});
