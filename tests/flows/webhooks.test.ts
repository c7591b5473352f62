import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serve, type Served } from '../../cli/serve.ts';
import { isGenuine, startReceiver, type Receiver } from '../gateway/webhooks/receiver.ts';
import { writeSetup } from '../security/gateway-process.ts';
import { startLenientUpstream, type LenientUpstream } from '../security/lenient-upstream.ts';
import { MINUTE, NOON } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const NEXT_SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let folder: string;
let upstream: LenientUpstream;
let receiver: Receiver;
let gateway: Served;
let now: number;
let log: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-webhooks-'));
  upstream = await startLenientUpstream();
  receiver = await startReceiver();
  now = NOON;
  log = '';
});
afterEach(async () => {
  await gateway.close();
  await receiver.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(more = '', timeout = '500ms'): Promise<void> {
  writeFileSync(join(folder, 'hook.secret'), `${SECRET}\n${NEXT_SECRET}\n`);
  const webhooks = `
webhooks:
  - id: shop
    url: ${receiver.url}
    secret_file: hook.secret
    timeout: ${timeout}
    attempts: 3
    allow_http: true
    allow_private: true
${more}`;
  gateway = await serve({
    configFile: writeSetup(folder, { gateway: (yaml) => yaml + webhooks }),
    environment: { PORT: '0', PRIVATE_PORT: '0', UPSTREAM_URL: upstream.url, LOG_LEVEL: 'debug' },
    clock: { now: () => now },
    logTo: new Writable({
      write(chunk: Buffer, _encoding, done) {
        log += chunk.toString();
        done();
      },
    }),
  });
}

async function told(): Promise<void> {
  // Not before the endpoint has been looked at once: what is recorded from then on is what it hears of.
  await vi.waitFor(() => readFileSync(join(folder, 'data/webhooks/shop.json')), { timeout: 10_000 });
}

async function mia(): Promise<Visitor> {
  const browser = visitor(gateway.url);
  browser.cookies.set('market_session', 'u-mia');
  return browser;
}

/** A session with an order in it; three events. */
async function oneSession(): Promise<void> {
  const browser = await mia();
  await browser.actAs('u-sam', 'By telephone');
  await browser.send('POST', '/api/orders', { card_id: 7 });
  await browser.stop();
}

const types = (): readonly string[] => receiver.received.map(({ type }) => type);
const until = (condition: () => void): Promise<void> =>
  vi.waitFor(condition, { timeout: 10_000, interval: 20 });
/** The pauses between attempts are over. */
const later = (): void => void (now += 10 * MINUTE);
/** So many attempts came to nothing, and the pause after the last has begun. */
const failed = (attempts: number): Promise<void> =>
  until(() => expect(log.match(/was not taken/g)).toHaveLength(attempts));
const ALL = ['act_as.start', 'act_as.action', 'act_as.stop'];

describe('a webhook', () => {
  it('hears of events in their order, signed, with the fields of their rows and no more', async () => {
    await open();
    await told();
    await oneSession();
    await until(() => expect(types()).toEqual(ALL));
    const order = receiver.received[1];
    if (order === undefined) throw new Error('nothing came');
    expect(JSON.parse(order.body)).toMatchObject({
      type: 'act_as.action',
      data: {
        event: 'action',
        action: 'place_order',
        actor: { id: 'u-mia', name: 'Mia Moreno' },
        subject: { id: 'u-sam' },
        path: '/api/orders',
        status_code: 201,
      },
    });
    expect(order.body).not.toMatch(/127\.0\.0\.1|user_agent|ip_address|card/);
    expect(isGenuine(SECRET, order.headers, order.body)).toBe(true);
    expect(isGenuine(NEXT_SECRET, order.headers, order.body)).toBe(true);
    expect(Number(order.headers['webhook-timestamp'])).toBe(Math.floor(now / 1000));
    // Nobody else could have written it, and nothing of it can be altered.
    expect(isGenuine(`whsec_${randomBytes(32).toString('base64')}`, order.headers, order.body)).toBe(false);
    expect(isGenuine(SECRET, order.headers, order.body.replace('u-sam', 'u-sue'))).toBe(false);
    expect(isGenuine(SECRET, { ...order.headers, 'webhook-id': 'evt_1' }, order.body)).toBe(false);
    expect(log).not.toContain('shop=1');
  });

  it('is asked again, with growing pauses, while it fails; and the order stays', async () => {
    await open();
    await told();
    receiver.behave((_request, response) => void response.writeHead(503).end());
    await oneSession();
    await failed(1);
    later();
    await failed(2);
    receiver.behave(null);
    later();
    await until(() => expect(types()).toEqual(['act_as.start', 'act_as.start', ...ALL]));
    // The same delivery, signed anew for its time.
    const [first, second] = receiver.received;
    expect(second?.id).toBe(first?.id);
    expect(second?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp']);
  });

  it('delays nobody: while it hangs for a minute, sessions begin and end', async () => {
    await open('', '60s');
    await told();
    receiver.behave(() => undefined);
    await oneSession();
    await until(() => expect(types()).toEqual(['act_as.start']));
    await oneSession();
    expect(types()).toEqual(['act_as.start']);
  });

  it('is given up on for now when it does not answer in time', async () => {
    await open();
    await told();
    receiver.behave(() => undefined);
    await oneSession();
    await until(() => expect(log).toContain('it did not answer in time'));
    receiver.behave(null);
    later();
    await until(() => expect(types()).toEqual(['act_as.start', ...ALL]));
  });

  it('is not followed to where it redirects', async () => {
    const elsewhere = await startReceiver();
    await open();
    await told();
    receiver.behave((_request, response) => void response.writeHead(307, { location: elsewhere.url }).end());
    await oneSession();
    await until(() => expect(log).toContain('it answered 307'));
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('loses no event that it was not told of before a restart, nor while it was down', async () => {
    await open();
    await told();
    await receiver.down();
    await oneSession();
    await until(() => expect(log).toContain('it was not reached'));
    await gateway.close();
    await receiver.up();
    await open();
    await until(() => expect(types()).toEqual(ALL));
    await gateway.close();
    await open();
    await oneSession();
    await until(() => expect(types()).toEqual([...ALL, ...ALL]));
  });

  it('lays an event aside that is not taken in so many attempts, says so, and goes on', async () => {
    await open();
    await told();
    const poison = (type: string): void =>
      receiver.behave(
        (request, response) => void response.writeHead(request.type === type ? 400 : 204).end(),
      );
    poison('act_as.start');
    await oneSession();
    for (const attempts of [1, 2, 3]) {
      await failed(attempts);
      later();
    }
    await until(() => expect(types().slice(-2)).toEqual(['act_as.action', 'act_as.stop']));
    const dead: unknown = JSON.parse(readFileSync(join(folder, 'data/webhooks/shop.json.dead'), 'utf8'));
    expect(dead).toMatchObject({
      event: 'start',
      attempts: 3,
      why: 'it answered 400',
      id: receiver.received[0]?.id,
    });
    const metrics = await (await fetch(`${gateway.privateUrl}/_act-as/metrics`)).text();
    expect(metrics).toContain('understudy_webhooks_total{id="shop",what="delivered"} 2');
    expect(metrics).toContain('understudy_webhooks_total{id="shop",what="failed"} 3');
    expect(metrics).toContain('understudy_webhooks_total{id="shop",what="dead"} 1');
  });

  it('hears of the events and actions it asked for', async () => {
    await open('    events: [action, expired]\n    actions: [place_order]\n');
    await told();
    await oneSession();
    await oneSession();
    await until(() => expect(types()).toEqual(['act_as.action', 'act_as.action']));
  });
});
