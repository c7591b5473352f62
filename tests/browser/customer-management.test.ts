/** What managers do with their customers in a day, done in a real browser: the common tasks, and what to look at when something is wrong. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Market, startMarket } from '../../fixtures/market/index.ts';
import { NOON, startSystem } from '../system.ts';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
let market: Market;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  market = await startMarket({ port: 0, host: '127.0.0.1', now: () => new Date(NOON) });
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await market.close();
});

async function signedIn(email: string, path: string, url = market.url): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${url}/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('market');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/(market|staff)$/);
  await page.goto(url + path);
  return page;
}

async function openCustomer(page: Page, name: string): Promise<Locator> {
  await page.getByRole('button', { name, exact: true }).click();
  const modal = page.getByRole('dialog', { name });
  await modal.getByRole('heading', { name: 'Account information' }).waitFor();
  return modal;
}

const told = (modal: Locator, sentence: string) =>
  modal.getByRole('status').filter({ hasText: sentence }).waitFor();

describe('the ways to the customers', () => {
  it('lead from the dashboard: the arrow, the quick action, the section', async () => {
    const page = await signedIn('mia@valley.example', '/market');
    await page.getByRole('link', { name: 'Admin' }).click();
    expect(await axeViolations(page)).toEqual([]);
    const card = page.getByRole('listitem').filter({ hasText: 'Active Shoppers' });
    await card.getByRole('link').click();
    await page.waitForURL('**/users/list?status=active');
    await page.goto(`${market.url}/admin`);
    await page
      .getByRole('navigation', { name: 'Quick actions' })
      .getByRole('link', { name: 'Manage Customers' })
      .click();
    await page.waitForURL('**/users/list');
    await page.goto(`${market.url}/admin`);
    await page
      .getByRole('region', { name: 'Customer & Orders' })
      .getByRole('link', { name: 'Manage Customers' })
      .click();
    await page.waitForURL('**/users/list');
  });
});

describe('the list', () => {
  it('is searched, filtered, sorted and sized without a word lost', async () => {
    const page = await signedIn('mia@valley.example', '/users/list');
    await page.getByLabel('Search').fill('rob');
    await page.getByLabel('Search').press('Enter');
    await page.getByText('1 person').waitFor();
    expect(await page.locator('.customers tbody tr').innerText()).toContain('Robert Schuyler');

    await page.getByLabel('Search').fill('hotmail');
    await page.getByLabel('Page size').selectOption('100');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('10 people').waitFor();
    await page.getByRole('link', { name: 'Active users only' }).click();
    await page.waitForURL('**status=active**');
    expect([page.url().includes('q=hotmail'), page.url().includes('per_page=100')]).toEqual([true, true]);

    const emails = () => page.locator('tbody td:nth-child(2)').allInnerTexts();
    await page.getByRole('columnheader', { name: 'Email' }).getByRole('link').click();
    await page
      .getByRole('columnheader', { name: 'Email' })
      .and(page.locator('[aria-sort=ascending]'))
      .waitFor();
    const sorted = await emails();
    expect(sorted).toEqual(sorted.toSorted());
    await page.getByRole('columnheader', { name: 'Email' }).getByRole('link').click();
    await page
      .getByRole('columnheader', { name: 'Email' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor();
    expect(await emails()).toEqual(sorted.toReversed());
    expect(await axeViolations(page)).toEqual([]);
  });

  it('says what each icon means, the card with its last four digits', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=sam@valley');
    const icon = page.locator('tbody').getByRole('img', { name: 'Payment method on file: Visa ending 4242' });
    expect(await icon.locator('title').textContent()).toBe('Payment method on file: Visa ending 4242');
    await page.getByText('What the icons mean').click();
    await page.getByText('Another market manager (like you!)').last().waitFor();
  });
});

describe('common tasks', () => {
  it('extend a membership for a loyal customer', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=whitaker');
    const modal = await openCustomer(page, 'Sam Whitaker');
    await modal.getByText('Member until October 31, 2026.').waitFor();
    await modal.getByRole('combobox', { name: 'Adjustment' }).selectOption('Add A Year');
    await modal.getByRole('button', { name: 'Update Membership' }).click();
    await modal.getByText('Member until October 31, 2027.').waitFor();
    await told(modal, 'The membership is updated.');
    await modal.getByLabel('or expiration date').fill('2026-12-24');
    await modal.getByRole('button', { name: 'Update Membership' }).click();
    await modal.getByText('Member until December 24, 2026.').waitFor();
    expect(await modal.locator('[data-membership]').innerText()).toBe('Member until December 24, 2026.');
  });

  it('fix an address, and the pickup location with it', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=nakamura');
    const modal = await openCustomer(page, 'Sue Nakamura');
    await modal.getByRole('button', { name: 'Edit Customer Info' }).click();
    await modal.getByLabel('Last name').fill('');
    await modal.getByRole('button', { name: 'Save Changes' }).click();
    expect(
      await modal.getByLabel('Last name').evaluate((field: HTMLInputElement) => field.validity.valueMissing),
    ).toBe(true);
    await modal.getByLabel('Last name').fill('Nakamura-Lee');
    await modal.getByRole('textbox', { name: 'Street' }).fill('12 Warren Street');
    await modal.getByLabel('Phone').fill('call me');
    await modal.getByRole('combobox', { name: 'Pickup location' }).selectOption('old-station');
    await modal.getByRole('button', { name: 'Save Changes' }).click();
    await modal.getByRole('alert').filter({ hasText: 'Phone is made of digits.' }).waitFor();
    expect(await modal.getByLabel('Phone').getAttribute('aria-invalid')).toBe('true');
    expect(await modal.getByLabel('Phone').evaluate((field) => field === document.activeElement)).toBe(true);
    await modal.getByLabel('Phone').fill('518-555-0143');
    await modal.getByRole('button', { name: 'Save Changes' }).click();

    const after = page.getByRole('dialog', { name: 'Sue Nakamura-Lee' });
    await told(after, 'The changes are saved.');
    await after.getByText('12 Warren Street').waitFor();
    await after.getByText('Old Train Station').waitFor();
    expect(await page.locator('.customers tbody tr').getAttribute('data-customer-name')).toBe(
      'Sue Nakamura-Lee',
    );
  });

  it('mark an account inactive, which keeps everything about it; then delete one that has nothing', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=quentin');
    const modal = await openCustomer(page, 'Quentin Rhodes');
    expect(await modal.getByRole('button', { name: 'Delete Account' }).count()).toBe(0);
    await modal.getByLabel('Active Account').uncheck();
    await modal.getByRole('button', { name: 'Update Special Info' }).click();
    await told(modal, 'The special information is updated.');
    await modal.locator('dd', { hasText: 'Inactive' }).waitFor();
    await page.locator('.customers tbody tr.inactive').waitFor();

    const questions: string[] = [];
    let answer = false;
    page.on('dialog', (dialog) => {
      questions.push(dialog.message());
      void (answer ? dialog.accept() : dialog.dismiss());
    });
    await page.goto(`${market.url}/users/list?q=castellano`);
    const ina = await openCustomer(page, 'Ina Castellano');
    await ina.getByRole('button', { name: 'Delete Account' }).click();
    await expect
      .poll(() => questions)
      .toEqual(['Delete the account of Ina Castellano for good? This cannot be undone.']);
    expect(await page.locator('.customers tbody tr').count()).toBe(1);
    answer = true;
    await ina.getByRole('button', { name: 'Delete Account' }).click();
    await page.getByText('The account of Ina Castellano is deleted.').waitFor();
    await expect.poll(() => page.locator('.customers tbody tr').count()).toBe(0);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('take cash for the open orders, and see the new balance at once', async () => {
    const sue = await signedIn('sue@valley.example', '/checkout');
    await sue.getByRole('button', { name: 'Place order' }).click();
    await sue.waitForURL('**/orders/V-*');
    const page = await signedIn('mia@valley.example', '/users/list?q=nakamura');
    const modal = await openCustomer(page, 'Sue Nakamura');
    await modal.getByText('1 unpaid').waitFor();
    await modal.getByLabel('Adjustment amount').fill('60.25');
    await modal.getByRole('combobox', { name: 'Reason' }).selectOption('Customer Paid Cash');
    await modal.getByLabel('Apply to all open orders').check();
    await modal.getByRole('button', { name: 'Adjust Balance' }).click();
    await told(modal, 'The balance is adjusted.');
    await modal.getByText('none is unpaid').waitFor();
    const balance = await modal.locator('[data-balance]').innerText();
    await expect.poll(() => page.locator('.customers tbody td.number').innerText()).toBe(balance);
    // Focus stays where the work is.
    expect(
      await modal
        .getByRole('button', { name: 'Adjust Balance' })
        .evaluate((b) => b === document.activeElement),
    ).toBe(true);
    await page.keyboard.press('Escape');
    expect(
      await page.getByRole('button', { name: 'Sue Nakamura' }).evaluate((b) => b === document.activeElement),
    ).toBe(true);
  });
});

describe('two managers at once', () => {
  it('the second sees what the first changed, keeps their own entries, and saves both', async () => {
    const mia = await signedIn('mia@valley.example', '/users/list?q=whitaker');
    const root = await signedIn('root@market.example', '/users/list?q=whitaker');
    const [first, second] = [
      await openCustomer(root, 'Sam Whitaker'),
      await openCustomer(mia, 'Sam Whitaker'),
    ];
    for (const modal of [first, second])
      await modal.getByRole('button', { name: 'Edit Customer Info' }).click();
    await first.getByLabel('Phone').fill('845-555-0999');
    await first.getByRole('button', { name: 'Save Changes' }).click();
    await told(first, 'The changes are saved.');

    await second.getByRole('textbox', { name: 'Street' }).fill('7 New Lane');
    await second.getByRole('button', { name: 'Save Changes' }).click();
    await second
      .getByText('Phone: was “845-555-0142”, is now “845-555-0999” (Root Lindqvist)', { exact: true })
      .waitFor();
    expect([
      await second.getByLabel('Phone').inputValue(),
      await second.getByRole('textbox', { name: 'Street' }).inputValue(),
    ]).toEqual(['845-555-0999', '7 New Lane']);
    await second.getByRole('button', { name: 'Save Changes' }).click();
    await told(second, 'The changes are saved.');
    expect(await second.getByText('845-555-0999').count()).toBe(1);
    await second.getByText('7 New Lane').waitFor();
  });
});

describe('troubleshooting', () => {
  it('a balance adjustment does not show: the message, the refreshed window and the recent adjustments tell', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=whitaker');
    const modal = await openCustomer(page, 'Sam Whitaker');
    await modal.getByText('No adjustments yet.').waitFor();
    // A colleague adjusts; this window is of before.
    const other = await signedIn('mia@valley.example', '/users/list?q=whitaker');
    const theirs = await openCustomer(other, 'Sam Whitaker');
    await theirs.getByLabel('Adjustment amount').fill('-2.75');
    await theirs.getByRole('combobox', { name: 'Reason' }).selectOption('Other');
    await theirs.getByRole('button', { name: 'Adjust Balance' }).click();
    await theirs.getByRole('alert').filter({ hasText: 'Type your own reason.' }).waitFor();
    await theirs.getByLabel('Or type your own reason').fill('Missing jar deposit');
    await theirs.getByRole('button', { name: 'Adjust Balance' }).click();
    await told(theirs, 'The balance is adjusted.');

    await modal.getByRole('button', { name: 'Refresh' }).click();
    await modal.getByText('Missing jar deposit').waitFor();
    expect(await modal.locator('[data-balance]').innerText()).toBe('$9.75');
    await modal.getByRole('link', { name: 'April 14, 2026' }).click();
    await page.waitForURL('**/users/u-sam/adjustments/*');
    expect(await page.locator('main').innerText()).toMatch(
      /-\$2\.75[\s\S]*Missing jar deposit[\s\S]*Mia Moreno/,
    );
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Back to Sam Whitaker' }).click();
    await page.getByRole('dialog', { name: 'Sam Whitaker' }).getByText('Missing jar deposit').waitFor();
  });

  it('a customer cannot sign in: the account shows that it is inactive, and opening it lets them in', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=castellano');
    const modal = await openCustomer(page, 'Ina Castellano');
    await modal.locator('dd', { hasText: 'Inactive' }).waitFor();
    expect(await modal.getByRole('link', { name: 'ina@valley.example' }).getAttribute('href')).toBe(
      'mailto:ina@valley.example',
    );
    await modal.getByLabel('Active Account').check();
    await modal.getByRole('button', { name: 'Update Special Info' }).click();
    await told(modal, 'The special information is updated.');
    await modal.getByRole('button', { name: 'Send password reset link' }).click();
    await told(modal, 'A link for a new password is on its way.');
    const ina = await signedIn('ina@valley.example', '/account');
    expect(ina.url()).toBe(`${market.url}/account`);
    expect(await ina.locator('.user-name').innerText()).toBe('Ina Castellano');
  });
});

describe('a link for a new password', () => {
  it('leads to the form, without its secret staying in the address', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${market.url}/reset-password#a-secret-of-another-day`);
    await page.getByLabel('New password').fill('tomatoes-2026');
    expect(page.url()).toBe(`${market.url}/reset-password`);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('alert').filter({ hasText: 'This link has expired or was used before.' }).waitFor();
  });
});

describe('the window of a customer', () => {
  it('is opened, used and left by keyboard, and axe finds nothing wrong with it', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=petersen');
    await page.getByRole('button', { name: 'Gus Petersen' }).focus();
    await page.keyboard.press('Enter');
    const modal = page.getByRole('dialog', { name: 'Gus Petersen' });
    await modal.getByText('Petersen Farm').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await modal.getByRole('button', { name: 'Edit Customer Info' }).press('Enter');
    expect(
      await modal
        .getByRole('heading', { name: 'Edit customer info' })
        .evaluate((h) => h === document.activeElement),
    ).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    await modal.getByRole('button', { name: 'Cancel' }).press('Enter');
    expect(await modal.getByRole('heading', { name: 'Edit customer info' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(
      await page.getByRole('button', { name: 'Gus Petersen' }).evaluate((b) => b === document.activeElement),
    ).toBe(true);
  });

  it('fits a telephone', async () => {
    const page = await signedIn('mia@valley.example', '/users/list?q=petersen');
    await page.setViewportSize({ width: 390, height: 800 });
    const modal = await openCustomer(page, 'Gus Petersen');
    const widths = await modal.evaluate((dialog) => [
      dialog.scrollWidth <= dialog.clientWidth,
      innerWidth >= dialog.clientWidth,
    ]);
    expect(widths).toEqual([true, true]);
  });

  it('has its Act as button behind the gateway, and still has it after a change', async () => {
    const system = await startSystem();
    const page = await signedIn('mia@valley.example', '/users/list?q=nakamura', system.url);
    const inRow = page.locator('td.actions').getByRole('button', { name: 'Act as Sue Nakamura' });
    await inRow.waitFor();
    const modal = await openCustomer(page, 'Sue Nakamura');
    await modal.getByLabel('Adjustment amount').fill('5');
    await modal.getByRole('button', { name: 'Adjust Balance' }).click();
    await told(modal, 'The balance is adjusted.');
    await modal.getByRole('button', { name: 'Act as Sue Nakamura' }).waitFor();
    // A telephone has no Escape: the way out of the window must be on its screen.
    await page.setViewportSize({ width: 390, height: 800 });
    const close = modal.getByRole('button', { name: 'Close' });
    const { x = 0, width = 0 } = (await close.boundingBox()) ?? {};
    expect(x + width).toBeLessThan(390);
    await close.click();
    await inRow.waitFor();
    expect(await page.locator('td.actions').getByRole('button', { name: 'Act as' }).count()).toBe(1);
    for (const context of browser.contexts()) await context.close();
    await system.close();
  });
});

describe('packing', () => {
  it('volunteers see who gets what of a product that sold out', async () => {
    for (const email of ['sue@valley.example', 'sam@valley.example']) {
      const own = await signedIn(email, '/market');
      await own.getByRole('button', { name: 'Add to cart Wildflower Honey' }).click();
      await own.getByText('Wildflower Honey is in your cart.').waitFor();
      await own.goto(`${market.url}/checkout`);
      await own.getByLabel('Pickup location').selectOption('maple-barn');
      await own.getByRole('button', { name: 'Place order' }).click();
      await own.waitForURL('**/orders/V-*');
    }
    const mia = await signedIn('mia@valley.example', '/admin/fulfilment');
    await mia.getByLabel('Units of Wildflower Honey that are available').fill('2');
    await mia.getByRole('button', { name: 'Note how much Wildflower Honey is available' }).click();
    await mia.getByText('Sold out: only 2 available.').waitFor();
    expect(await axeViolations(mia)).toEqual([]);
    const vic = await signedIn('vic@valley.example', '/market');
    await vic.getByRole('link', { name: 'Packing' }).click();
    const honey = vic.locator('.packing', { hasText: 'Wildflower Honey' });
    // Sue had one in her cart already, so she ordered two, and before Sam.
    expect(await honey.locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/Sue Nakamura\s+first come\s+2\s+2/),
      expect.stringMatching(/Sam Whitaker\s+first come\s+1\s+0/),
    ]);
    expect(await honey.getByRole('button').count()).toBe(0);
  });
});
