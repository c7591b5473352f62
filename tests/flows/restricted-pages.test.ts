/** Pages that are off-limits: people are sent back with a message, programs are refused, and both stand on the record. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

let system: System;
let sara: Visitor;
let root: Visitor;

beforeAll(async () => {
  system = await startSystem({
    editPolicy: (yaml) =>
      yaml.replace(
        'on: [GET /staff/**, GET /reset-password]',
        'on: [GET /staff/**, GET /orders, GET /reset-password]',
      ),
  });
  [sara, root] = [visitor(system.url), visitor(system.url)];
  await sara.signIn('sara@valley.example');
  await root.signIn('root@market.example');
  await sara.actAs('u-sam');
  await sara.visit('/market');
});
afterAll(() => system.close());

const goTo = (path: string, from?: string): Promise<Response> =>
  sara.visit(path, from === undefined ? {} : { referer: `${system.url}${from}` });
const whereTo = async (path: string, from?: string): Promise<string | null> =>
  (await goTo(path, from)).headers.get('location');

describe('who goes to a page that is off-limits', () => {
  it('is sent back to the page before, which tells them so, once', async () => {
    const sent = await goTo('/staff/orders', '/cart?x=1');
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/cart?x=1']);
    const page = await (await sara.visit('/cart')).text();
    expect(page).toContain(
      'This page isn&#x2019;t available while acting as Sam Whitaker. The attempt was recorded.',
    );
    expect(await (await sara.visit('/cart')).text()).not.toContain('The attempt was recorded');
    expect((await eventsSeenBy(root)).at(-1)).toMatchObject({
      event: 'blocked',
      outcome: 'blocked',
      action: 'restricted_page_blocked',
      status_code: 303,
      path: '/staff/orders',
    });
  });

  it('is sent to where sessions begin when there is no page before, or none that is open', async () => {
    expect(await whereTo('/staff')).toBe('/market');
    expect(await whereTo('/staff', '/staff/report')).toBe('/market');
    expect(await whereTo('/orders', '/orders')).toBe('/market');
    expect(await whereTo('/Staff/', '/cart')).toBe('/cart');
    expect(await whereTo('/staff', '/_act-as/customers')).toBe('/market');
  });

  it('is not sent to another site, whatever the request says of where it comes from', async () => {
    const sent = await sara.visit('/staff', { referer: 'https://elsewhere.example/staff' });
    expect(sent.headers.get('location')).toBe('/market');
    const odd = await sara.visit('/staff', { referer: `${system.url}//elsewhere.example/` });
    expect(odd.headers.get('location')).toBe('/market');
  });

  it('sees a page about it where every way back is off-limits as well', async () => {
    const closed = await startSystem({
      editPolicy: (yaml) =>
        yaml
          .replace('on: [GET /staff/**, GET /reset-password]', 'on: [GET /staff/**, GET /market]')
          .replace(/^tests:[^]*$/m, ''),
    });
    try {
      const other = visitor(closed.url);
      await other.signIn('sara@valley.example');
      await other.actAs('u-sam');
      expect((await other.visit('/market')).status).toBe(403);
    } finally {
      await closed.close();
    }
  });
});

it('a program is refused, and on the record its status is the one it got', async () => {
  const refused = await sara.get('/staff/orders');
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: 'blocked' });
  expect((await eventsSeenBy(root)).at(-1)).toMatchObject({ status_code: 403, path: '/staff/orders' });
});

it('a message that nobody wrote is not told', async () => {
  for (const value of ['sent_back.<script>', 'sent_back.', 'hello', 'sent_back.../x']) {
    sara.cookies.set('act_as_news', value);
    expect(await (await sara.visit('/cart')).text()).not.toContain('data-part="news"');
  }
});

it('the shopper’s own way there is open', async () => {
  const sam = visitor(system.url);
  await sam.signIn('sam@valley.example');
  expect((await sam.visit('/orders')).status).toBe(200);
});
