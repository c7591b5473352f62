/**
 * The story: a reviewer watches the log on one gateway while a manager, whom the balancer sent to another, does what the
 * reviewer is watching for. The page that is open says so within moments, and moves nothing that is being read.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startFaultyGateway } from '../faults/faulty-gateway.ts';
import { startPostgres, type PostgresServer } from '../postgres-server.ts';
import { visitor } from '../visitor.ts';
import { axeViolations } from './axe-violations.ts';
import { launchChromium } from './chromium.ts';

const LOG = '/admin/impersonation-audit';

let browser: Browser;
let postgres: PostgresServer;
beforeAll(async () => {
  [browser, postgres] = await Promise.all([launchChromium(), startPostgres()]);
});
afterAll(async () => {
  await browser.close();
  await postgres.remove();
});

async function reviewing(url: string, javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled });
  onTestFinished(() => context.close());
  await context.addCookies([{ name: 'market_session', value: 'u-root', url }]);
  const page = await context.newPage();
  await page.goto(`${url}${LOG}`);
  return page;
}

it(
  'An event that one gateway writes shows on a page that another gave out',
  { timeout: 60_000 },
  async () => {
    const environment = { AUDIT_URL: await postgres.schema() };
    const here = await startFaultyGateway({ environment });
    const there = await startFaultyGateway({ environment });
    const page = await reviewing(here.gateway.url);
    await page.getByText('Nothing has happened yet').waitFor();

    const mia = visitor(there.gateway.url);
    mia.cookies.set('market_session', 'u-mia');
    const began = performance.now();
    await mia.actAs('u-sam');
    const news = page.getByRole('status').getByRole('link', { name: '1 newer event — show it' });
    await news.waitFor();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(await page.getByText('Nothing has happened yet').isVisible()).toBe(true);

    await mia.send('POST', '/api/orders', {});
    await page.getByRole('link', { name: '2 newer events — show them' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('link', { name: '2 newer events — show them' }).click();
    await page.getByText('2 events on this page').waitFor();
    expect(await page.getByRole('status').textContent()).toBe('');
  },
);

it(
  'A gateway that keeps its record in a file tells of its own, and stops without waiting',
  { timeout: 60_000 },
  async () => {
    const system = await startFaultyGateway();
    const page = await reviewing(system.gateway.url);
    const plain = await reviewing(system.gateway.url, false);
    const mia = visitor(system.gateway.url);
    mia.cookies.set('market_session', 'u-mia');
    // The page's next question, which nothing will answer.
    const waiting = page.waitForRequest(/known=1/);
    await mia.actAs('u-sam');
    await page.getByRole('link', { name: '1 newer event — show it' }).waitFor();
    expect(await plain.getByRole('status').textContent()).toBe('');
    await waiting;
    const began = performance.now();
    await system.gateway.close();
    expect(performance.now() - began).toBeLessThan(5000);
  },
);
