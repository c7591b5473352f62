/** How staff sell and help, as people do it in a browser: in the field, by telephone, in customer service, and when something does not work. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MINUTE, startSystem, type System } from '../system.ts';
import { visitor } from '../visitor.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
let system: System;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  system = await startSystem();
});
afterAll(async () => {
  await browser.close();
  await system.close();
});
afterEach(async () => {
  for (const context of contexts.splice(0)) {
    await context.request.post(`${system.url}/_act-as/stop`, { headers: { origin: system.url } });
    await context.close();
  }
});

const telephone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function fillSignIn(page: Page, email: string): Promise<void> {
  await page.goto(`${system.url}/staff/account/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('market');
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  contexts.push(context);
  return context.newPage();
}

async function signedIn(email: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await newPage(options);
  await fillSignIn(page, email);
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return page;
}

const actAs = (page: Page, name: string) => page.getByRole('button', { name: `Act as ${name}` });
const bar = (page: Page) => page.locator('act-as-frame .bar');
const toast = (page: Page) => page.locator('act-as-frame .toast');
const cover = (page: Page) => page.getByRole('dialog');
const line = (page: Page, product: string) => page.locator('.line', { hasText: product });

/** Finds the customer on the staff's own dashboard and presses the button in their row. */
async function act(page: Page, q: string, name: string, reason: string): Promise<void> {
  await page.goto(`${system.url}/staff`);
  await page.getByRole('searchbox').fill(q);
  await page.getByRole('button', { name: 'Find' }).click();
  await actAs(page, name).click();
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: 'Start acting' }).click();
}

async function add(page: Page, product: string): Promise<void> {
  await page.getByRole('button', { name: `Add to cart ${product}` }).click();
  await page.getByText(`${product} is in your cart.`).waitFor();
}

async function setPrice(page: Page, product: string, price: string): Promise<void> {
  await line(page, product).getByText('Edit price').click();
  await page.getByLabel(`Price of ${product}`).fill(price);
  await page.getByRole('button', { name: `Update price of ${product}` }).click();
}

/** @returns the number of the order, as it is read out. */
async function placeOrder(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Place order' }).click();
  await page.waitForURL('**/orders/*-*');
  return (await page.locator('h1').innerText()).replace('Order ', '');
}

async function stop(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Stop acting as ${name}` }).click();
  await page.waitForURL('**/staff?q=**');
}

const total = (page: Page): Promise<string> => page.locator('[data-total]').innerText();

const recordSchema = z.object({
  events: z.array(
    z.object({
      event: z.string(),
      action: z.string(),
      manager_name: z.string(),
      customer_name: z.string(),
      reason: z.string().nullable(),
      details: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** What is on the record about these customers, oldest first. */
async function record(...customers: readonly string[]) {
  const root = visitor(system.url);
  await root.signIn('root@market.example');
  const answer = await root.get('/admin/impersonation-audit/events.json?limit=1000');
  const { events } = recordSchema.parse(await answer.json());
  return events.filter((row) => customers.includes(row.customer_name)).toReversed();
}
const actions = async (...customers: readonly string[]) =>
  (await record(...customers)).map(({ action }) => action);

async function saveMember(manager: Page, name: string, permission: string, value: boolean): Promise<void> {
  await manager.goto(`${system.url}/staff/team`);
  const member = manager.getByRole('region', { name });
  await member.getByLabel(permission).setChecked(value);
  await member.getByRole('button', { name: `Save ${name}` }).click();
  await manager.getByText(`${name} is saved.`).waitFor();
}

async function orderDirectly(customer: Page): Promise<string> {
  await add(customer, 'Wildflower Honey');
  await customer.goto(`${system.url}/checkout`);
  return placeOrder(customer);
}

describe('field sales, on a telephone', () => {
  it('look through the products with the customer, apply the price agreed on, and have the order among My orders', async () => {
    const sara = await signedIn('sara@valley.example', telephone);
    await act(sara, 'okafor', 'Adam Okafor', 'visit at the office');
    await sara.waitForURL('**/market');
    await expect.poll(() => bar(sara).innerText()).toContain('You are acting as Adam Okafor');
    await add(sara, 'Wildflower Honey');
    await sara.getByRole('link', { name: /^Cart/ }).click();
    await setPrice(sara, 'Wildflower Honey', '9.00');
    await line(sara, 'Wildflower Honey').getByText('price changed from $11.00').waitFor();
    expect(await sara.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await sara.getByRole('link', { name: 'Go to checkout' }).click();
    expect(await total(sara)).toBe('$25.00');
    const id = await placeOrder(sara);
    expect(await sara.locator('main').innerText()).toContain('Placed by Sara Lindgren, sales staff');
    await stop(sara, 'Adam Okafor');

    // Five per cent of $25.00.
    const mine = await sara.locator('#my-orders').getByRole('row').filter({ hasText: id }).innerText();
    expect(mine).toMatch(/Adam Okafor\s+Placed\s+\$25\.00\s+\$1\.25/);

    const rows = await record('Adam Okafor');
    expect(rows.map(({ action }) => action)).toEqual([
      'start_acting',
      'add_to_cart',
      'edit_price',
      'place_order',
      'stop_acting',
    ]);
    expect(rows.every((row) => row.manager_name === 'Sara Lindgren')).toBe(true);
    expect(rows[0]?.reason).toBe('visit at the office');
    expect(rows[2]?.details).toMatchObject({ item: 'Wildflower Honey', price_before: 1100, price: 900 });
    expect(rows[3]?.details).toMatchObject({ order_id: id, total: 2500 });

    // The market's manager reads the same in money, from the number of the order.
    const mia = await signedIn('mia@valley.example');
    await mia.goto(`${system.url}/admin/impersonation-audit`);
    await mia.getByLabel('Order number').fill(id);
    await mia.getByRole('button', { name: 'Find its session' }).click();
    await mia.waitForURL('**/sessions/**');
    expect(await mia.locator('main').innerText()).toMatch(/\$11\.00[\s\S]*\$9\.00/);
  });
});

describe('phone sales', () => {
  it('search for the caller, order what they ask for with a coupon, read the total out and the number after it', async () => {
    const stan = await signedIn('stan@valley.example');
    await act(stan, 'eamon', "Eamon O'Rourke", 'called with an order');
    await stan.waitForURL('**/market');
    await add(stan, 'Honeycrisp Apples');
    await add(stan, 'Honeycrisp Apples');
    await add(stan, 'Country Sourdough');
    await stan.getByRole('link', { name: /^Cart/ }).click();
    await stan.getByLabel('Coupon').fill('harvest10');
    await stan.getByRole('button', { name: 'Apply' }).click();
    await stan.getByText('10 % off the harvest').waitFor();
    await stan.getByRole('link', { name: 'Go to checkout' }).click();
    const readOut = await total(stan);
    const id = await placeOrder(stan);
    expect(id).toMatch(/^V-\d+$/);
    expect(await total(stan)).toBe(readOut);
    await stop(stan, "Eamon O'Rourke");
    const mine = stan.locator('#my-orders').getByRole('row').filter({ hasText: id });
    expect(await mine.innerText()).toContain(readOut);

    const rows = await record("Eamon O'Rourke");
    expect(rows.map(({ action }) => action)).toEqual([
      'start_acting',
      'add_to_cart',
      'add_to_cart',
      'add_to_cart',
      'apply_coupon',
      'place_order',
      'stop_acting',
    ]);
    // Two half pecks and a loaf at a member's prices: $23.40, and a tenth off.
    expect(readOut).toBe('$21.06');
    expect(rows[4]?.details).toMatchObject({ coupon: 'HARVEST10', discount: 234 });
    expect(rows[5]?.details).toMatchObject({ order_id: id, total: 2106 });
  });
});

describe('customer service', () => {
  it('look at what was ordered, replace it for nothing, say so in the customer’s comments, and are themselves again', async () => {
    const cora = await signedIn('cora@valley.example');
    await cora.getByRole('searchbox').fill('hartley');
    await cora.keyboard.press('Enter');
    await cora.locator('tr', { hasText: 'Abigail Hartley' }).locator('summary').click();
    await cora.getByLabel('Reason').fill('apples arrived bruised');
    await cora.getByRole('button', { name: 'Access customer’s account of Abigail Hartley' }).click();
    await cora.waitForURL('**/account');

    await cora.goto(`${system.url}/orders`);
    await cora.locator('main').getByRole('link', { name: /V-/ }).first().click();
    expect(await cora.locator('.lines').innerText()).toContain('Honeycrisp Apples');

    await bar(cora).getByRole('button', { name: 'Lock cart' }).click();
    await expect.poll(() => toast(cora).innerText()).toContain('Abigail Hartley’s cart is locked');
    await cora.goto(`${system.url}/market`);
    await add(cora, 'Honeycrisp Apples');
    await cora.goto(`${system.url}/cart`);
    await setPrice(cora, 'Honeycrisp Apples', '0');
    await line(cora, 'Honeycrisp Apples').getByText('price changed from').waitFor();
    await cora.getByRole('link', { name: 'Go to checkout' }).click();
    expect(await total(cora)).toBe('$0.00');
    const id = await placeOrder(cora);

    await bar(cora).locator('summary').click();
    await bar(cora).getByRole('button', { name: 'Sign in as yourself' }).click();
    await cora.waitForURL('**/_act-as/**');
    expect(await cora.locator('main').innerText()).toContain(id);
    await cora.goto(`${system.url}/staff/customers/u-101`);
    await cora.getByLabel('New comment').fill(`Replaced the bruised apples with ${id}.`);
    await cora.getByRole('button', { name: 'Add comment' }).click();
    await cora.getByText('The comment is saved.').waitFor();
    expect(await cora.locator('.notes').innerText()).toMatch(
      /Replaced the bruised apples with V-\d+\.\s+Cora Winslow/,
    );

    const rows = await record('Abigail Hartley');
    expect(rows.map(({ action }) => action)).toEqual([
      'start_acting',
      'lock_cart',
      'add_to_cart',
      'edit_price',
      'place_order',
      'stop_acting',
    ]);
    expect(rows[3]?.details).toMatchObject({ price_before: 810, price: 0 });
    expect(rows[4]?.details).toMatchObject({ order_id: id, total: 0 });
  });

  it('are told where nothing is given away, and reduce the price instead', async () => {
    const hugo = await signedIn('hugo@hill.example');
    await act(hugo, 'brennan', 'Hal Brennan', 'stale coffee');
    await hugo.waitForURL('**/market');
    await hugo.goto(`${system.url}/cart`);
    const product = await hugo.locator('.line h2').first().innerText();
    await setPrice(hugo, product, '0');
    await expect
      .poll(() => hugo.locator('#status').innerText())
      .toBe(
        'A price is $0.01 or more, in whole cents: this market gives nothing away. Nothing was changed; the attempt was recorded.',
      );
    // Once is enough: what the page says, nobody says again.
    await hugo.waitForTimeout(1_500);
    expect(await toast(hugo).count()).toBe(0);
    await hugo.getByLabel(`Price of ${product}`).fill('0.01');
    await hugo.getByRole('button', { name: `Update price of ${product}` }).click();
    await line(hugo, product).getByText('price changed from').waitFor();
    expect(await line(hugo, product).innerText()).toContain('$0.01');
    expect(await actions('Hal Brennan')).toEqual(['start_acting', 'edit_price_blocked', 'edit_price']);
  });
});

describe('“cannot start customer context”', () => {
  it('says that the customer is not assigned to them, or shows no such customer at all', async () => {
    const sara = await signedIn('sara@valley.example');
    await sara.goto(`${system.url}/staff?q=nakamura`);
    expect(await sara.locator('#find-customer').innerText()).toContain('Nobody matches “nakamura”.');
    await sara.goto(`${system.url}/_act-as/?q=nakamura`);
    const row = sara.locator('tr', { hasText: 'Sue Nakamura' });
    expect(await row.innerText()).toContain('This customer is not assigned to you.');
    expect(await row.getByRole('button').count()).toBe(0);
    expect(await actions('Sue Nakamura')).toEqual([]);
  });

  it.each([
    ['castellano', 'Ina Castellano', 'This account is not active, so nobody can act for it.'],
    ['fernández', 'Lucia Fernández', 'This account is blocked or suspended, so nobody can act for it.'],
  ])('says what is the matter with the account of a customer: %s', async (q, name, why) => {
    const cora = await signedIn('cora@valley.example');
    await act(cora, q, name, 'called with an order');
    await expect.poll(() => cover(cora).innerText()).toContain(why);
    expect(new URL(cora.url()).pathname).toBe('/staff');
    expect(await actions(name)).toEqual([]);
  });

  it('does not let inactive staff in, and ends what they are at when they become inactive', async () => {
    const ivy = await newPage();
    await fillSignIn(ivy, 'ivy@valley.example');
    await ivy.getByText('do not match an active account').waitFor();

    const stan = await signedIn('stan@valley.example');
    await act(stan, 'kowalska', 'Anja Kowalska', 'called with an order');
    await stan.waitForURL('**/market');
    const mia = await signedIn('mia@valley.example');
    await saveMember(mia, 'Stan Kowalski', 'Active', false);
    await stan.getByRole('button', { name: 'Add to cart Wildflower Honey' }).click();
    await expect.poll(() => cover(stan).innerText()).toContain('Your session as Anja Kowalska has ended');
    expect(await cover(stan).innerText()).toContain('Your own account is no longer active or was blocked');
    expect(await cover(stan).innerText()).toContain('What is in Anja Kowalska’s cart stays there.');
    await cover(stan).getByRole('button', { name: 'Go to the sign-in page' }).click();
    await stan.getByLabel('Password').waitFor();
    await saveMember(mia, 'Stan Kowalski', 'Active', true);
    expect(await actions('Anja Kowalska')).not.toContain('add_to_cart');
    expect((await record('Anja Kowalska')).map(({ event }) => event)).toEqual(['start', 'expired']);
  });
});

describe('“price editing not available”', () => {
  it('is for want of the permission, or for what is not handed over, until the manager says otherwise', async () => {
    const stan = await signedIn('stan@valley.example');
    await act(stan, 'turner', 'Jamal Turner', 'price match');
    await stan.waitForURL('**/market');
    await add(stan, 'Wildflower Honey');
    await add(stan, 'Gift Card');
    await stan.goto(`${system.url}/cart`);
    expect(await stan.locator('.line').count()).toBe(2);
    expect(await stan.getByText('Edit price').count()).toBe(0);

    const mia = await signedIn('mia@valley.example');
    await saveMember(mia, 'Stan Kowalski', 'Can edit item price', true);
    await stan.reload();
    expect(await line(stan, 'Wildflower Honey').getByText('Edit price').count()).toBe(1);
    expect(await line(stan, 'Gift Card').getByText('Edit price').count()).toBe(0);

    await mia.getByLabel('Prices of virtual and downloadable products may be edited').check();
    await mia.getByRole('button', { name: 'Save settings' }).click();
    await mia.getByText('The settings are saved.').waitFor();
    // What the app last said of a person is remembered for a short while.
    await system.pass(MINUTE);
    await stan.reload();
    // His are wholesale prices.
    await setPrice(stan, 'Gift Card', '15.00');
    await line(stan, 'Gift Card').getByText('price changed from $18.75').waitFor();
    expect((await record('Jamal Turner')).at(-1)?.details).toMatchObject({ price_before: 1875, price: 1500 });
  });
});

describe('“session expired”', () => {
  it('is told with the reason and the fate of the cart, which is there when they begin again', async () => {
    const sara = await signedIn('sara@valley.example');
    await act(sara, 'whitaker', 'Sam Whitaker', 'called with an order');
    await sara.waitForURL('**/market');
    await add(sara, 'Wildflower Honey');
    await system.pass(30 * MINUTE);
    await sara.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect.poll(() => cover(sara).innerText()).toContain('Your session as Sam Whitaker has ended');
    const told = await cover(sara).innerText();
    expect(told).toContain('Nothing was done for 30 minutes, so it ended by itself.');
    expect(told).toContain('What is in Sam Whitaker’s cart stays there.');
    await cover(sara).getByRole('button', { name: 'Continue as yourself' }).click();
    await expect.poll(() => sara.locator('.user-name').innerText()).toBe('Sara Lindgren');

    await act(sara, 'whitaker', 'Sam Whitaker', 'going on');
    await sara.waitForURL('**/market');
    await sara.goto(`${system.url}/cart`);
    expect(await line(sara, 'Wildflower Honey').count()).toBe(1);
    expect(await actions('Sam Whitaker')).toEqual([
      'start_acting',
      'add_to_cart',
      'idle_timeout',
      'start_acting',
    ]);
  });
});

describe('“order not assigned to staff”', () => {
  it('was placed by the customer: it counts for nobody, or where the market wants it for their member of staff', async () => {
    const arlo = await signedIn('arlo.jensen@gmail.example');
    const nobodys = await orderDirectly(arlo);
    const hugo = await signedIn('hugo@hill.example');
    await hugo.goto(`${system.url}/staff/orders`);
    expect(await hugo.locator('main').innerText()).not.toContain(nobodys);

    const daniela = await signedIn('daniela.rossi@hotmail.example');
    const counted = await orderDirectly(daniela);
    const sara = await signedIn('sara@valley.example');
    await sara.goto(`${system.url}/staff/orders`);
    const row = sara.getByRole('row').filter({ hasText: counted });
    expect(await row.innerText()).toContain('placed by the customer');
    // Neither was placed from a seat.
    expect(await actions('Arlo Jensen', 'Daniela Rossi')).not.toContain('place_order');
    await sara.goto(`${system.url}/_act-as/`);
    expect(await sara.locator('main').innerText()).not.toContain(counted);
  });
});

describe('several customers, one after the other', () => {
  it('are helped one at a time: beginning with the next one ends the session before, wherever it is open', async () => {
    const office = await signedIn('sara@valley.example');
    await act(office, 'rossi', 'Daniela Rossi', 'first caller');
    await office.waitForURL('**/market');
    const away = await signedIn('sara@valley.example', telephone);
    await act(away, 'goldberg', 'Hannah Goldberg', 'second caller');
    await away.getByRole('button', { name: 'End that session and start here' }).click();
    await away.waitForURL('**/market');
    await expect.poll(() => bar(away).innerText()).toContain('You are acting as Hannah Goldberg');
    await office.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect.poll(() => cover(office).innerText()).toContain('Your session as Daniela Rossi has ended');

    // By the document's own steps: leave the one, search for the next.
    await stop(away, 'Hannah Goldberg');
    await act(away, 'rossi', 'Daniela Rossi', 'first caller again');
    await away.waitForURL('**/market');
    const rows = await record('Daniela Rossi', 'Hannah Goldberg');
    expect(rows.map(({ event, customer_name }) => `${event} ${customer_name}`)).toEqual([
      'start Daniela Rossi',
      'stop Daniela Rossi',
      'start Hannah Goldberg',
      'stop Hannah Goldberg',
      'start Daniela Rossi',
    ]);
  });
});
