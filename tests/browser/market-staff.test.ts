import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';
import { openStaffMarket, type StaffMarket } from '../fixtures/market/staff-seat.ts';

let open: StaffMarket;
let browser: Browser;
beforeAll(async () => {
  open = await openStaffMarket({ pastOrders: 60 });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await open.close();
});

async function signedIn(email: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${open.market.url}/staff/account/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('market');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return page;
}

describe('the pages', () => {
  it.each([
    [
      'sara@valley.example',
      ['/staff', '/staff?q=zzz', '/staff/orders', '/staff/customers/u-sam', '/staff/outbox'],
    ],
    ['mia@valley.example', ['/staff/report', '/staff/team', '/staff/customers/u-134', '/staff/outbox']],
    [
      'sam@valley.example',
      ['/account', '/market', '/cart', '/wishlist', '/addresses', '/newsletter', '/orders'],
    ],
  ])('of %s are accessible, and fit a phone', async (email, paths) => {
    const page = await signedIn(email);
    for (const path of paths) {
      await page.setViewportSize({ width: 1200, height: 900 });
      await page.goto(open.market.url + path);
      expect(await axeViolations(page), path).toEqual([]);
      await page.setViewportSize({ width: 390, height: 800 });
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect(width, path).toBe(390);
    }
    await page.context().close();
  });

  it('have what is done for a customer in reach of a thumb', async () => {
    const page = await signedIn('mia@valley.example');
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(`${open.market.url}/users/list?q=whitaker`);
    const email = await page.locator('td.actions').getByRole('link', { name: 'Email' }).boundingBox();
    expect((email?.x ?? 0) + (email?.width ?? 999)).toBeLessThan(390);
    await page.context().close();
  });

  it('of one order, cancelled or not, and an open mail are accessible too', async () => {
    const page = await signedIn('mia@valley.example');
    await page.goto(`${open.market.url}/staff/report?from=2020-01-01`);
    for (const what of ['Taken back', 'Earned']) {
      await page.goto(`${open.market.url}/staff/report?from=2020-01-01`);
      await page.getByRole('row').filter({ hasText: what }).first().getByRole('link').click();
      expect(await axeViolations(page)).toEqual([]);
    }
    await page.goto(`${open.market.url}/staff/outbox`);
    await page.locator('summary').first().click();
    expect(await axeViolations(page)).toEqual([]);
    await page.context().close();
  });
});

describe('in a browser', () => {
  it('customer service lands on its page, finds a customer, and documents what was done', async () => {
    const page = await signedIn('cora@valley.example');
    expect(new URL(page.url()).pathname).toBe('/staff');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Customer service');
    await page.getByRole('searchbox').fill('nakamura');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: 'Sue Nakamura' }).click();
    await page.getByLabel('New comment').fill('Replaced the crushed carrots.');
    await page.getByRole('button', { name: 'Add comment' }).click();
    await page.getByText('The comment is saved.').waitFor();
    expect(await page.locator('.notes').innerText()).toContain('Replaced the crushed carrots.');
    await page.context().close();
  });

  it('in the seat a price is chosen from the menu, a coupon applied, and the order is theirs', async () => {
    const context = await browser.newContext({ extraHTTPHeaders: await open.seat('sara', 'u-sam') });
    const page = await context.newPage();
    await page.goto(`${open.market.url}/market`);
    await page.getByRole('button', { name: 'Add to cart Wildflower Honey' }).click();
    await page.getByText('Wildflower Honey is in your cart.').waitFor();
    await page.goto(`${open.market.url}/cart`);
    const line = page.getByRole('listitem').filter({ hasText: 'Wildflower Honey' }).first();
    await line.getByText('Edit price').click();
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.setViewportSize({ width: 1280, height: 720 });
    await line.getByRole('button', { name: 'Agreed with this customer $9.50' }).click();
    await line.getByText('price changed from $9.90').waitFor();
    await line.getByText('Edit price').click();
    await line.getByLabel('Price of Wildflower Honey').fill('8.25');
    await line.getByRole('button', { name: 'Update price of Wildflower Honey' }).click();
    await line.getByText('$8.25 / 12 ounce jar').waitFor();
    await page.getByLabel('Coupon').fill('harvest10');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('10 % off the harvest').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Go to checkout' }).click();
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.waitForURL('**/orders/V-*');
    const id = page.url().split('/').at(-1) ?? '';
    await context.close();

    const own = await signedIn('sara@valley.example');
    await own.getByRole('link', { name: id }).click();
    await own.getByText('Placed on the customer’s behalf by Sara Lindgren').waitFor();
    await own.getByLabel('Reason').fill('Customer changed their mind');
    await own.getByRole('button', { name: 'Cancel order' }).click();
    await own.getByText('By Sara Lindgren: Customer changed their mind').waitFor();
    await own.context().close();
  });

  it('a manager changes a rate, and clears it again', async () => {
    const page = await signedIn('mia@valley.example');
    await page.goto(`${open.market.url}/staff/team`);
    const sara = page.getByRole('region', { name: 'Sara Lindgren' });
    for (const rate of ['7.25', '']) {
      await sara.getByLabel('Own commission rate in per cent').fill(rate);
      await sara.getByRole('button', { name: 'Save Sara Lindgren' }).click();
      await page.getByText('Sara Lindgren is saved.').waitFor();
      await page.reload();
      expect(await sara.getByLabel('Own commission rate in per cent').inputValue()).toBe(rate);
    }
    await page.context().close();
  });

  it('a customer keeps an address and a wish', async () => {
    const page = await signedIn('sue@valley.example');
    await page.goto(`${open.market.url}/addresses`);
    const form = page.locator('#new-address');
    for (const [label, value] of [
      ['Label', 'Boat'],
      ['Street', '1 Pier'],
      ['City', 'Hudson'],
      ['Postal code', '12534'],
    ] as const)
      await form.getByLabel(label).fill(value);
    await form.getByRole('button', { name: 'Add address' }).click();
    await page.getByText('The address is added.').waitFor();
    expect(await page.getByRole('heading', { name: 'Boat' }).isVisible()).toBe(true);
    await page.goto(`${open.market.url}/market`);
    await page.getByRole('button', { name: 'Save to wishlist Lacinato Kale' }).click();
    await page.getByText('Lacinato Kale is on the wishlist.').waitFor();
    await page.goto(`${open.market.url}/wishlist`);
    await page.getByRole('button', { name: 'Remove Lacinato Kale from the wishlist' }).click();
    await page.getByText('Nothing is on the wishlist.').waitFor();
    await page.context().close();
  });
});
