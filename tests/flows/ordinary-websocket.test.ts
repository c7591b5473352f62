/** The story: the market's own live pages went through the gateway for a year before anyone acted for anybody, and nobody noticed it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../free-port.ts';
import { withLiveRules } from '../security/live-rules.ts';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { message } from '../security/raw-exchange.ts';
import {
  ask,
  ended,
  frame,
  fromApp,
  KEY,
  webSocketApp,
  type App,
  type AppEnd,
  type Asked,
} from '../security/web-sockets.ts';
import { startSystem } from '../system.ts';

let lenient: LenientSystem;
let app: App;
let url: string;

beforeEach(async () => {
  lenient = await startLenientSystem({
    editPolicy: withLiveRules,
    editGateway: (yaml) =>
      yaml
        .replace('headers_timeout: 30s', 'headers_timeout: 1s')
        .replace('body_timeout: 60s', 'body_timeout: 1s'),
  });
  app = webSocketApp(lenient.upstream);
  ({ url } = lenient.system);
});
afterEach(() => lenient.close());

const asSue = (path = '/live'): Promise<Asked> =>
  ask(url, { path, cookie: 'market_session=u-sue; act_as_seen=1', origin: 'https://elsewhere.example' });

function newest(): AppEnd {
  const end = app.opened.at(-1);
  if (end === undefined) throw new Error('the app was not asked');
  return end;
}

describe('an ordinary WebSocket', () => {
  test('is the app’s own matter: whatever comes passes, in the shopper’s own name', async () => {
    app.lines = ['Set-Cookie: room=7', 'Sec-WebSocket-Extensions: permessage-deflate', 'X-Name: J\xfcrgen'];
    const { status, head, end } = await asSue('/live//odd;path?x=%FF');
    expect(status).toBe(101);
    expect(head).toMatch(/^set-cookie: room=7$/im);
    expect(head).toMatch(/^sec-websocket-extensions: permessage-deflate$/im);
    expect(head).toMatch(/^x-name: J\xfcrgen$/im);
    expect(newest().request).toMatchObject({ as: 'u-sue', target: '/live//odd;path?x=%FF' });
    expect(newest().request.headers).toMatchObject({ origin: 'https://elsewhere.example' });
    end.write(frame('compressed', { reserved: 4 }));
    end.write(frame('unmasked', { masked: false }).subarray(0, 3));
    await expect.poll(() => newest().frames.length).toBe(1);
    await expect.poll(newest().rest).toBe(3);
    newest().write(fromApp('x'.repeat(200_000)));
    await expect.poll(() => end.texts()[0]?.length).toBe(200_000);
  });

  test('works with a browser’s own, compression and all', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/live`);
    const heard = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    expect(newest().request.headers['sec-websocket-extensions']).toContain('permessage-deflate');
    socket.send('hello');
    await expect.poll(newest().texts).toEqual(['hello']);
    newest().write(fromApp('hello yourself'));
    expect(await heard).toBe('hello yourself');
    const over = once(socket, 'close').catch(() => undefined);
    socket.close(1000);
    await expect.poll(newest().close).toBe('1000 ');
    newest().socket.destroy();
    await over;
  });

  test('ends on both sides when one of them has gone, and what was said last arrives', async () => {
    const first = await asSue();
    newest().socket.end(fromApp('x'.repeat(300_000)));
    await ended(first.end);
    expect(first.end.texts()[0]).toHaveLength(300_000);
    const second = await asSue();
    second.end.write(frame('bye'));
    second.end.socket.end();
    await ended(newest());
    expect(newest().texts()).toEqual(['bye']);
    const third = await asSue();
    third.end.socket.destroy();
    await ended(newest());
  });

  test('that nobody reads is let go', async () => {
    const { end } = await asSue();
    end.socket.pause();
    const pour = setInterval(() => newest().write(fromApp(Buffer.alloc(60_000))), 1);
    await expect.poll(newest().gone, { timeout: 8_000 }).toBe(true);
    clearInterval(pour);
    const back = await asSue();
    newest().socket.pause();
    const again = setInterval(() => back.end.write(frame(Buffer.alloc(60_000))), 1);
    await expect.poll(back.end.gone, { timeout: 8_000 }).toBe(true);
    clearInterval(again);
    newest().socket.destroy();
  });
});

describe('an app that does not want one', () => {
  test('is heard: its answer goes back whole, and the connection ends', async () => {
    const long = 'no '.repeat(100_000);
    app.answerWith((_request, socket) =>
      socket.end(
        `HTTP/1.1 426 Upgrade Required\r\nUpgrade: tls\r\nX-Why: no\r\nTransfer-Encoding: chunked\r\n\r\n${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`,
      ),
    );
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    for (const cookie of ['market_session=u-sue', lenient.cookies(mia)]) {
      const { status, head, body, end } = await ask(url, { path: '/live/orders', cookie });
      expect(status).toBe(426);
      expect(head).toMatch(/^x-why: no$/im);
      expect(head).not.toMatch(/^upgrade:/im);
      expect(head).toMatch(/^connection: close$/im);
      await ended(end);
      expect(
        body()
          .replaceAll(/\r\n[0-9a-f]+\r\n/g, '')
          .match(/no /g),
      ).toHaveLength(100_000);
    }
  });

  test('may be silent for as long as for any other answer', async () => {
    app.answerWith(() => undefined);
    const { status, body } = await asSue();
    expect(status).toBe(504);
    await expect.poll(body).toContain('upstream_timeout');
  });

  test('may break off, or say nothing sensible', async () => {
    for (const bytes of ['', 'HTTP/1.1 101 Swi', 'HTTP/9.9 what\r\n\r\n']) {
      app.answerWith((_request, socket) => void socket.end(bytes));
      const { status, body } = await asSue();
      expect(status, bytes).toBe(502);
      await expect.poll(body).toContain('upstream_unreachable');
    }
  });
});

test('an app that is down is said to be', async () => {
  const system = await startSystem({ upstreamUrl: `http://127.0.0.1:${await freePort()}` });
  try {
    expect((await ask(system.url, { path: '/live', cookie: '' })).status).toBe(502);
  } finally {
    await system.close();
  }
});

test('who leaves before the app has answered, by whatever door, is waited for no longer', async () => {
  for (const leave of ['end', 'destroy'] as const) {
    const gone = Promise.withResolvers<void>();
    const asking = Promise.withResolvers<void>();
    app.answerWith((_request, socket) => {
      socket.once('close', () => gone.resolve());
      asking.resolve();
    });
    const browser = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
    browser.write(
      message([
        'GET /live HTTP/1.1',
        `Host: ${new URL(url).host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${KEY}`,
      ]),
    );
    await asking.promise;
    browser[leave]();
    const soon = await Promise.race([gone.promise.then(() => true), sleep(800).then(() => false)]);
    expect(soon, leave).toBe(true);
    browser.destroy();
  }
});

test('a shopper who is being helped opens none that a rule pauses, and every other', async () => {
  const paused = { path: '/live/cart', cookie: 'market_session=u-sam', origin: null };
  expect((await ask(url, paused)).status).toBe(101);
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  const { status, body } = await ask(url, paused);
  expect(status).toBe(423);
  await expect.poll(body).toContain('"code":"paused"');
  expect((await ask(url, { ...paused, path: '/live/orders' })).status).toBe(101);
  expect((await ask(url, { ...paused, cookie: 'market_session=u-sue' })).status).toBe(101);
  await mia.stop();
  expect((await ask(url, paused)).status).toBe(101);
});

test('a gateway that stops says so to every one, and waits for none', async () => {
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  const { end: ordinary } = await asSue();
  const { end: acting } = await ask(url, { path: '/live/orders', cookie: lenient.cookies(mia) });
  const { end: midst } = await asSue();
  newest().write(fromApp('x'.repeat(1000)).subarray(0, 500));
  await expect.poll(midst.rest).toBe(500);
  let asking = 0;
  app.answerWith(() => (asking += 1));
  const unanswered = asSue().catch(String);
  await expect.poll(() => asking).toBe(1);
  const began = performance.now();
  await lenient.system.gateway.close();
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(await unanswered).toContain('the connection was cut');
  expect([ordinary, acting, midst].map((end) => [end.gone(), end.close()])).toEqual([
    [true, '1001 the gateway is stopping'],
    [true, '1001 the gateway is stopping'],
    [true, null],
  ]);
  expect(lenient.system.log()).toContain('"websockets":4');
  expect(lenient.system.log().match(/"websocket closed"/g)).toHaveLength(1);
});
