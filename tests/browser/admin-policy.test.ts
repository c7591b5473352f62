/** A reviewer looks at the policy in force and asks it about a request, in a real browser, with axe looking on. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditDesk, type AuditDesk } from '../admin-ui/audit-desk.ts';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';

const POLICY = '/admin/impersonation-audit/policy';

let desk: AuditDesk;
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

let context: BrowserContext | null = null;
beforeEach(async () => {
  desk = await auditDesk();
});
afterEach(async () => {
  await context?.close();
  await desk.close();
});

async function open(
  path: string,
  look: { readonly width: number; readonly colorScheme: 'light' | 'dark' } = {
    width: 1360,
    colorScheme: 'light',
  },
): Promise<Page> {
  const { width, colorScheme } = look;
  context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  await context.addCookies([{ name: 'person', value: 'mia', url: desk.origin }]);
  const page = await context.newPage();
  await page.goto(desk.origin + path);
  return page;
}

it('From the log to the policy, a question, its answer, and the rule that gave it', async () => {
  const page = await open('/admin/impersonation-audit');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Policy' }).click();
  await page.getByLabel('Method').selectOption('PUT');
  await page.getByLabel('Path').fill('/API/password/');
  await page.getByRole('button', { name: 'Explain' }).click();
  const answer = page.getByRole('status');
  expect(await answer.innerText()).toContain(
    'Never sent. PUT /API/password/: block by rule change-password (PUT /api/password).',
  );
  expect(await page.getByLabel('Path').inputValue()).toBe('/API/password/');
  await answer.getByRole('link', { name: 'change-password' }).first().click();
  expect(await page.locator(':target').innerText()).toContain('Changing the password');
});

it('A body is asked about as it was typed', async () => {
  const page = await open(POLICY);
  await page.getByLabel('Path').fill('/api/cart/items/3/price');
  await page.getByLabel('Actor', { exact: true }).selectOption('sales_staff');
  await page.getByLabel('Market').selectOption('Valley Market');
  await page.getByLabel('Claims true of the actor').fill('can_edit_price');
  await page.getByLabel('Body').fill('{\n  "price": -1\n}');
  await page.getByRole('button', { name: 'Explain' }).click();
  expect(await page.getByRole('status').innerText()).toContain('price must be >= 0');
  expect(await page.getByRole('status').innerText()).toContain('They are told A price is $0.00 or more');
  expect(await page.getByLabel('Body').inputValue()).toBe('{\n  "price": -1\n}');
});

describe.each([
  ['wide', 'light', 1360],
  ['wide', 'dark', 1360],
  ['phone', 'light', 375],
] as const)('On a %s screen, %s', (_size, colorScheme, width) => {
  it.each([
    ['the policy', POLICY],
    ['an answer', `${POLICY}?method=DELETE&path=/api/orders`],
    ['a wrong question', `${POLICY}?path=${'x'.repeat(300)}`],
  ] as const)(
    'axe finds nothing wrong with %s, and nothing is wider than the screen',
    async (_what, path) => {
      desk.inForce.value = {
        ...desk.inForce.value,
        lastFailure: {
          at: desk.clock.now,
          report: `policy.yaml:12:5 rules[3].${'e'.repeat(200)}: unknown key`,
        },
      };
      const page = await open(path, { width, colorScheme });
      expect(await axeViolations(page)).toEqual([]);
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBe(0);
    },
  );
});

it('On a phone the answer is what one sees, and not the form once more', async () => {
  const page = await open(POLICY, { width: 390, colorScheme: 'light' });
  await page.getByLabel('Path').fill('/api/password');
  await page.getByRole('button', { name: 'Explain' }).click();
  const answer = page.getByRole('status').filter({ hasText: 'Never sent' });
  await expect.poll(async () => (await answer.boundingBox())?.y ?? -1).toBeLessThan(400);
});
