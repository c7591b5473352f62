/** In a real browser: the shopper's page shows live what is packed, says nothing by it, and goes dark with the session. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withLiveRules } from '../security/live-rules.ts';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { fromApp, webSocketApp, type App } from '../security/web-sockets.ts';
import type { Visitor } from '../visitor.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
let lenient: LenientSystem;
let app: App;
let mia: Visitor;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  lenient = await startLenientSystem({ editPolicy: withLiveRules });
  app = webSocketApp(lenient.upstream);
  lenient.upstream.behave(({ target }, response) => {
    if (target !== '/market') return false;
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>Market</title><p>Orders');
    return true;
  });
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  const context = await browser.newContext();
  const { url } = lenient.system;
  await context.addCookies([...mia.cookies].map(([name, value]) => ({ name, value, url })));
  page = await context.newPage();
  await page.goto(`${url}/market`);
});
afterAll(async () => {
  await browser.close();
  await lenient.close();
});

/** Opens one in the page; what it hears, and how it ends, stand in the page's title. */
async function open(path: string): Promise<void> {
  const opened = app.opened.length;
  await page.evaluate((to) => {
    const socket = new WebSocket(to);
    Object.assign(globalThis, { socket });
    socket.addEventListener('message', ({ data }) => (document.title = String(data)));
    socket.addEventListener('close', ({ code, reason }) => (document.title = `${code} ${reason}`));
  }, path);
  await expect.poll(() => app.opened.length).toBe(opened + 1);
}

test('what the app says is heard; what the page says is not sent, and ends it', async () => {
  await open('/live/orders');
  app.opened.at(-1)?.write(fromApp('packed'));
  await expect.poll(() => page.title()).toBe('packed');
  await page.evaluate('socket.send("cancel order 7")');
  await expect.poll(() => page.title()).toBe('1008 no message may be sent while acting for someone');
  expect(app.opened.at(-1)?.texts()).toEqual([]);
});

test('where its rule says so a message is sent, and the end of the session ends it', async () => {
  await open('/live/topics');
  await page.waitForFunction('socket.readyState === 1');
  await page.evaluate('socket.send(JSON.stringify({ subscribe: "orders" }))');
  await expect.poll(() => app.opened.at(-1)?.texts()).toEqual(['{"subscribe":"orders"}']);
  await mia.stop();
  await expect.poll(() => page.title()).toBe('1008 the act-as session has ended');
});
