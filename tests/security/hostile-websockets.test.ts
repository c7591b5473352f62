/**
 * The story: the socket was opened to watch. What it carried was looked at by whoever had agreed that a frame is what the
 * first reader takes it for, and an order went out inside a ping (B-9, B-10).
 */
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { withLiveRules } from './live-rules.ts';
import { message, rawExchange } from './raw-exchange.ts';
import {
  agreement,
  ask,
  askRaw,
  ended,
  frame,
  fromApp,
  KEY,
  webSocketApp,
  type App,
  type AppEnd,
  type Asked,
} from './web-sockets.ts';
import { MINUTE } from '../system.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let app: App;
let mia: Visitor;
let url: string;

beforeAll(async () => {
  lenient = await startLenientSystem({
    editPolicy: withLiveRules,
    editGateway: (yaml) => yaml.replace('body_timeout: 60s', 'body_timeout: 1s'),
  });
  app = webSocketApp(lenient.upstream);
  ({ url } = lenient.system);
});
beforeEach(async () => {
  // A minute in which nothing has been counted yet.
  await lenient.system.pass(MINUTE);
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
});
afterEach(async () => {
  app.answerWith(null);
  lenient.upstream.behave(null);
  app.opened.length = 0;
  await mia.stop();
});
afterAll(() => lenient.close());

const asked = (path: string): Promise<Asked> => ask(url, { path, cookie: lenient.cookies(mia) });

function newest(): AppEnd {
  const end = app.opened.at(-1);
  if (end === undefined) throw new Error('the app was not asked');
  return end;
}

const last = async (): Promise<unknown> =>
  (await lenient.events()).filter(({ action }) => action !== 'websocket_closed').at(-1);

const HOSTILE: Readonly<Record<string, Buffer>> = {
  'a frame without its mask': frame('order', { masked: false }),
  'an unmasked ping': frame('', { opcode: 9, masked: false }),
  'the first reserved bit, as if it were compressed': frame('order', { reserved: 4 }),
  'the second': frame('order', { reserved: 2 }),
  'the third, in a ping': frame('', { opcode: 9, reserved: 1 }),
  'a kind of message that is yet to be defined': frame('order', { opcode: 3 }),
  'a kind of control frame that is': frame('', { opcode: 11 }),
  'a ping in two pieces': frame('or', { opcode: 9, fin: false }),
  'a ping with a long payload': frame('x'.repeat(126), { opcode: 9 }),
  'a short length written in 16 bits': frame('order', { written: { bits: 16, length: 5n } }),
  'a ping whose length is written in 16 bits': frame('order', {
    opcode: 9,
    written: { bits: 16, length: 5n },
  }),
  'a short length written in 64 bits': frame('order', { written: { bits: 64, length: 5n } }),
  'a length of 2^63': frame('order', { written: { bits: 64, length: 1n << 63n } }),
  'a Close of one byte': frame('x', { opcode: 8 }),
};

describe.each(['/live/orders', '/live/chat/1', '/live/topics'])('at %s', (path) => {
  test.each(Object.entries(HOSTILE))('%s goes no further, and is on the record', async (_what, bytes) => {
    const { end } = await asked(path);
    end.write(Buffer.concat([frame('first', { opcode: 10 }), bytes, frame('behind')]));
    await ended(end);
    await ended(newest());
    expect(end.close()).toBe('1002 the frame is malformed');
    expect(newest().frames.map(({ opcode }) => opcode)).toEqual([10, 8]);
    await expect.poll(last).toMatchObject({
      event: 'blocked',
      action: 'websocket_message_blocked',
      details: { why: 'malformed_frame' },
    });
  });

  test('nor does anything behind a Close', async () => {
    const { end } = await asked(path);
    end.write(Buffer.concat([frame('', { opcode: 8 }), frame('order')]));
    await ended(newest());
    expect(
      newest()
        .frames.map(({ opcode }) => opcode)
        .filter((opcode) => opcode !== 8),
    ).toEqual([]);
    await expect.poll(last).toMatchObject({ details: { why: 'frame_after_close' } });
  });

  test('a frame that comes byte by byte is the same frame', async () => {
    const { end } = await asked(path);
    for (const byte of frame('x'.repeat(40), { opcode: 9 })) {
      end.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    await expect.poll(() => newest().frames.length).toBe(1);
    for (const byte of frame('order', { reserved: 4 })) end.write(Buffer.from([byte]));
    await ended(end);
    expect(newest().frames.map(({ opcode }) => opcode)).toEqual([9, 8]);
  });
});

describe('messages in pieces', () => {
  test('a piece of nothing, and a new message in the midst of one, go no further', async () => {
    for (const bytes of [
      [frame('piece', { opcode: 0 })],
      [frame('be', { fin: false }), frame('other')],
      [frame('be', { fin: false }), frame('gin', { opcode: 0 }), frame('more', { opcode: 0 })],
    ]) {
      const { end } = await asked('/live/chat/1');
      for (const one of bytes) end.write(one);
      await ended(end);
      expect(end.close()).toBe('1002 the frame is malformed');
    }
  });

  test('receiving only, not even a piece of one passes, nor an empty one', async () => {
    for (const bytes of [
      frame(''),
      frame('', { opcode: 2 }),
      frame('x', { opcode: 0 }),
      frame('x', { fin: false }),
    ]) {
      const { end } = await asked('/live/orders');
      end.write(bytes);
      await ended(end);
      expect(end.close()).toMatch(/^1008/);
      expect(newest().frames.map(({ opcode }) => opcode)).toEqual([8]);
    }
  });

  test('of a head that never ends nothing is sent on', async () => {
    const { end } = await asked('/live/orders');
    end.write(frame('order 66').subarray(0, 3));
    newest().write(fromApp('x'));
    await expect.poll(() => end.frames.length).toBe(1);
    end.socket.destroy();
    await ended(newest());
    expect(newest().frames).toEqual([]);
    expect(newest().rest()).toBe(0);
  });
});

describe('the handshake', () => {
  test('comes from a page of this very site, or there is none', async () => {
    const { port } = new URL(url);
    const others = [
      null,
      'null',
      'https://evil.example',
      `https://localhost:${port}`,
      `http://127.0.0.1:${port}`,
      `http://localhost:${Number(port) + 1}`,
      'http://localhost',
      `${url}/`,
      `${url}.evil.example`,
      `http://evil.example?${url}`,
      `${url}, https://evil.example`,
    ];
    for (const origin of others) {
      const { status } = await ask(url, { path: '/live/orders', cookie: lenient.cookies(mia), origin });
      expect(status, String(origin)).toBe(403);
      await expect.poll(last).toMatchObject({ event: 'blocked', details: { why: 'origin' } });
    }
    expect(app.opened).toEqual([]);
    expect((await asked('/live/orders')).status).toBe(101);
  });

  const head = (lines: readonly string[], line = 'GET /live/orders HTTP/1.1'): string[] => [
    line,
    `Host: ${new URL(url).host}`,
    `Cookie: ${lenient.cookies(mia)}`,
    `Origin: ${url}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    ...lines,
  ];

  test('is that of RFC 6455, once, or there is none', async () => {
    const version = 'Sec-WebSocket-Version: 13';
    const key = `Sec-WebSocket-Key: ${KEY}`;
    for (const lines of [
      [version],
      [key],
      [key, 'Sec-WebSocket-Version: 8'],
      [key, 'Sec-WebSocket-Version: 13, 8'],
      [key, version, version],
      [key, key, version],
      ['Sec-WebSocket-Key: short', version],
      ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==', version],
    ]) {
      const { status } = await askRaw(url, head(lines));
      expect(status, lines.join(' | ')).toBe(400);
      await expect.poll(last).toMatchObject({ event: 'blocked', details: { why: 'handshake' } });
    }
    const early = await askRaw(url, head([key, version]), frame('order'));
    expect(early.status).toBe(400);
    expect((await askRaw(url, head([key, version], 'GET /live/orders HTTP/1.0'))).status).toBe(400);
    expect(app.opened).toEqual([]);
  });

  test('who speaks before the app agreed is cut off, and nothing of it arrives', async () => {
    let arrived = '';
    const asking = new Promise<void>((resolve) =>
      app.answerWith((_request, socket) => {
        socket.on('data', (chunk: Buffer) => (arrived += chunk.toString('latin1')));
        resolve();
      }),
    );
    const browser = connect(Number(new URL(url).port), '127.0.0.1');
    let answered = '';
    browser.on('data', (chunk: Buffer) => (answered += chunk.toString())).on('error', () => undefined);
    const cut = new Promise((resolve) => browser.once('close', resolve));
    browser.write(message(head(['Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${KEY}`])));
    await asking;
    browser.write('GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n');
    await cut;
    expect(answered).toBe('');
    expect(arrived).toBe('');
  });

  test('of an app that agrees to something else than was asked is not passed on', async () => {
    const wrong: Readonly<Record<string, (request: Parameters<typeof agreement>[0]) => string>> = {
      'another key': (request) =>
        agreement(request).replace(/Accept: .*\r/, 'Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r'),
      'no key': (request) => agreement(request).replace(/Sec-WebSocket-Accept: .*\r\n/, ''),
      'an extension': (request) => agreement(request, ['Sec-WebSocket-Extensions: permessage-deflate']),
      'a sub-protocol': (request) => agreement(request, ['Sec-WebSocket-Protocol: payments']),
    };
    for (const [what, answer] of Object.entries(wrong)) {
      app.answerWith((request, socket) => void socket.write(answer(request)));
      expect((await asked('/live/orders')).status, what).toBe(502);
      expect((await asked('/live/chat/1')).status, what).toBe(502);
      await expect
        .poll(last, { message: what })
        .toMatchObject({ action: 'open_chat', outcome: 'error', status_code: 502 });
    }
  });

  test('behind an answer that is still being written it does not begin in its midst', async () => {
    lenient.upstream.behave(({ target }, response) => {
      if (target !== '/slow') return false;
      response.writeHead(200, { 'content-length': '4' });
      response.write('ab');
      setTimeout(() => response.end('cd'), 300);
      return true;
    });
    for (const cookie of ['market_session=u-sue', lenient.cookies(mia)]) {
      const common = [`Host: ${new URL(url).host}`, `Cookie: ${cookie}`, `Origin: ${url}`];
      const wish = [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${KEY}`,
      ];
      const { answers, bytes } = await rawExchange(
        url,
        message(['GET /slow HTTP/1.1', ...common]) +
          message(['GET /live/orders HTTP/1.1', ...common, ...wish]),
        { answers: 2 },
      );
      expect(answers[0]).toMatchObject({ status: 200, body: 'abcd' });
      expect(bytes).not.toContain('101 Switching');
    }
    expect(app.opened).toEqual([]);
  });
});

describe('a side that takes nothing', () => {
  test('is let go, and the other with it: nobody’s messages are piled up', async () => {
    const { end } = await asked('/live/orders');
    end.socket.pause();
    const flood = fromApp(Buffer.alloc(60_000), { opcode: 2 });
    let refused = false;
    const pour = setInterval(() => {
      for (let count = 0; count < 20; count += 1) refused = !newest().socket.write(flood);
    }, 10);
    await expect.poll(newest().gone, { timeout: 8_000 }).toBe(true);
    clearInterval(pour);
    expect(refused).toBe(true);
    end.socket.resume();
    await ended(end);
  });
});
