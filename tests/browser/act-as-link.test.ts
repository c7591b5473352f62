/** A link from a mail, opened in a real browser: sign in beside it, read what it is, press the button; and nobody hears its address. */
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startSystem } from '../system.ts';
import { visitor } from '../visitor.ts';
import { launchChromium } from './chromium.ts';

it('leads a stranger by way of their sign-in into the seat, and its secret nowhere', async () => {
  const system = await startSystem();
  onTestFinished(() => system.close());
  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  const made = await mia.send('POST', '/_act-as/links', {
    subject: 'u-sam',
    reason: 'Call back about order 7',
  });
  const { url } = z.looseObject({ url: z.string() }).parse(await made.json());
  const secret = url.slice(url.lastIndexOf('/') + 1);

  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const context = await browser.newContext();
  const told: string[] = [];
  context.on('request', (request) => void told.push(request.headers()['referer'] ?? ''));
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in first' }).waitFor();

  const value = mia.cookies.get('market_session') ?? '';
  await context.addCookies([{ name: 'market_session', value, url: system.url }]);
  await page.getByRole('link', { name: 'I have signed in: continue' }).click();
  await page.getByRole('heading', { name: 'Act as Sam' }).waitFor();
  expect(await page.getByRole('main').innerText()).toContain('Call back about order 7');
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('act_as');

  await page.getByRole('button', { name: 'Act as Sam' }).click();
  await page.waitForURL((address) => !address.pathname.startsWith('/_act-as'));
  expect(await mia.get('/_act-as/sessions').then((answer) => answer.text())).toContain('"u-sam"');
  expect(told.length).toBeGreaterThan(5);
  expect(told.join(' ')).not.toContain(secret);
});
