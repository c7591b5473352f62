/** The story: support watches a customer's order being packed, live, as the customer's own page shows it. */
import { WebSocket } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runScript } from '../audit-store/run-script.ts';
import { withLiveRules } from '../security/live-rules.ts';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import {
  ask,
  ended,
  frame,
  fromApp,
  webSocketApp,
  type App,
  type AppEnd,
  type Asked,
} from '../security/web-sockets.ts';
import { MINUTE } from '../system.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let app: App;
let mia: Visitor;
let url: string;

beforeEach(async () => {
  lenient = await startLenientSystem({ editPolicy: withLiveRules });
  app = webSocketApp(lenient.upstream);
  ({ url } = lenient.system);
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
});
afterEach(() => lenient.close());

const asked = (path: string, lines: readonly string[] = []): Promise<Asked> =>
  ask(url, { path, cookie: lenient.cookies(mia), lines });

function newest(): AppEnd {
  const end = app.opened.at(-1);
  if (end === undefined) throw new Error('the app was not asked');
  return end;
}

const rows = async (): Promise<readonly unknown[]> =>
  (await lenient.events()).map(({ event, action, outcome, status_code: status, details }) => ({
    event,
    action,
    outcome,
    status,
    details,
  }));

describe('where a rule lets the app speak', () => {
  test('what it says arrives, in the subject’s seat, with nothing of the actor’s own', async () => {
    const { status, end } = await asked('/live/orders?since=3', [
      'Sec-WebSocket-Extensions: permessage-deflate',
      'Authorization: Bearer mias-own',
    ]);
    expect(status).toBe(101);
    newest().write(fromApp('packed'));
    newest().write(fromApp('x'.repeat(70_000)));
    newest().write(fromApp('', { opcode: 9 }));
    await expect.poll(() => end.frames.length).toBe(3);
    expect(end.texts()).toEqual(['packed', 'x'.repeat(70_000)]);
    const { request } = newest();
    expect(request).toMatchObject({ as: 'u-sam', target: '/live/orders?since=3' });
    expect(request.headers.cookie).toBeUndefined();
    expect(request.headers.authorization).not.toContain('mias-own');
    expect(request.headers['sec-websocket-extensions']).toBeUndefined();
    expect(request.headers.origin).toBe(url);
  });

  test('a browser’s own pings, pongs and goodbye arrive', async () => {
    const { end } = await asked('/live/orders');
    end.write(frame('p', { opcode: 9 }));
    end.write(frame('', { opcode: 10 }));
    end.write(frame(Buffer.from([3, 232]), { opcode: 8 }));
    await expect.poll(() => newest().close()).toBe('1000 ');
    expect(newest().frames.map(({ opcode }) => opcode)).toEqual([9, 10, 8]);
    newest().write(fromApp(Buffer.from([3, 232]), { opcode: 8 }));
    newest().socket.end();
    await ended(end);
    expect(end.close()).toBe('1000 ');
  });

  test('a message from the browser is not sent on: the WebSocket ends, on both sides, and on the record', async () => {
    const { end } = await asked('/live/orders');
    end.write(frame('', { opcode: 9 }));
    end.write(frame('cancel order 7'));
    await ended(end);
    await ended(newest());
    expect(end.close()).toBe('1008 no message may be sent while acting for someone');
    expect(newest().frames.map(({ opcode }) => opcode)).toEqual([9, 8]);
    expect(newest().close()).toBe('1008 no message may be sent while acting for someone');
    await expect
      .poll(async () => (await lenient.events()).at(-1))
      .toMatchObject({
        event: 'blocked',
        outcome: 'blocked',
        action: 'websocket_message_blocked',
        path: '/live/orders',
        details: { why: 'message_not_permitted' },
      });
  });

  test('a browser’s own WebSocket works with it, and speaks only the sub-protocol that is listed', async () => {
    app.lines = ['Sec-WebSocket-Protocol: orders.v1'];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/live/orders`, {
      protocols: ['bearer.of.mia', 'orders.v1'],
      headers: { cookie: lenient.cookies(mia), origin: url },
    });
    const heard = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    expect(newest().request.headers['sec-websocket-protocol']).toBe('orders.v1');
    newest().write(fromApp('packed'));
    expect(await heard).toBe('packed');
    const over = new Promise<unknown>((resolve) => socket.addEventListener('close', resolve));
    await mia.stop();
    expect(await over).toMatchObject({ code: 1008, reason: 'the act-as session has ended', wasClean: true });
  });

  test('cookies that come with it go to the jar, and no secret of the seat comes back', async () => {
    app.lines = ['Set-Cookie: room=7of9-secret; Path=/', 'X-Trace: abc', 'X-Auth-Token: sams-own'];
    const { head } = await asked('/live/orders');
    expect(head).toMatch(/^x-trace: abc$/im);
    expect(head).not.toMatch(/room|sams-own/i);
    await mia.get('/market');
    expect(lenient.upstream.executed.at(-1)?.headers.cookie).toBe('room=7of9-secret');
  });

  test('it is no activity: a session of which only a WebSocket is left runs out of time', async () => {
    await lenient.system.pass(20 * MINUTE);
    const { end } = await asked('/live/orders');
    await lenient.system.pass(9 * MINUTE);
    newest().write(fromApp('still here'));
    await expect.poll(end.texts).toEqual(['still here']);
    await lenient.system.pass(2 * MINUTE);
    await ended(end);
    expect(end.close()).toBe('1008 the act-as session has ended');
    expect(await rows()).toMatchObject([{ event: 'start' }, { event: 'expired', action: 'idle_timeout' }]);
  });
});

describe('where a rule lets both speak', () => {
  test('messages go both ways; the opening stands in the record, and then how much was sent', async () => {
    const { end } = await asked('/live/chat/secret-token');
    end.write(frame('hel', { fin: false }));
    end.write(frame('', { opcode: 9 }));
    end.write(frame('lo', { opcode: 0 }));
    end.write(frame('again', { opcode: 2 }));
    await expect.poll(() => newest().frames.length).toBe(4);
    newest().write(fromApp('and you'));
    await expect.poll(end.texts).toEqual(['and you']);
    await mia.stop();
    await ended(end);
    await ended(newest());
    expect(newest().close()).toBe('1008 the act-as session has ended');
    expect((await rows()).slice(1)).toEqual([
      { event: 'action', action: 'open_chat', outcome: 'ok', status: 101, details: {} },
      {
        event: 'action',
        action: 'websocket_closed',
        outcome: 'ok',
        status: null,
        details: { messages_sent: 2, bytes_sent: 10 },
      },
      { event: 'stop', action: 'stop_acting', outcome: 'ok', status: 200, details: {} },
    ]);
    expect((await lenient.events()).slice(1, 3).map(({ path }) => path)).toEqual([
      '/live/chat/[redacted]',
      '/live/chat/[redacted]',
    ]);
  });

  test('a message that is longer than its rule allows is not sent on, in one piece or in many', async () => {
    for (const parts of [
      [frame('x'.repeat(1025))],
      [frame('x'.repeat(1000), { fin: false }), frame('x'.repeat(25), { opcode: 0 })],
    ]) {
      const { end } = await asked('/live/chat/1');
      for (const part of parts) end.write(part);
      await ended(end);
      expect(end.close()).toBe('1009 the message is too large');
      expect(newest().texts()).toEqual([]);
      await expect
        .poll(async () => (await rows()).slice(-2))
        .toMatchObject([
          { event: 'blocked', action: 'websocket_message_blocked', details: { why: 'message_too_large' } },
          { event: 'action', action: 'websocket_closed', details: { messages_sent: parts.length - 1 } },
        ]);
    }
  });
});

describe('where a rule says what the browser may say', () => {
  const subscribe = '{"subscribe":"orders"}';

  test('that is sent as it came, in one piece or in many, and its pings do not wait', async () => {
    const { end } = await asked('/live/topics');
    end.write(frame(subscribe));
    const [first, second] = [subscribe.slice(0, 9), subscribe.slice(9)];
    end.write(frame(first, { fin: false }));
    end.write(frame('p', { opcode: 9 }));
    await expect.poll(() => newest().frames.map(({ opcode }) => opcode)).toEqual([1, 9]);
    for (const byte of frame(second, { opcode: 0 })) end.write(Buffer.from([byte]));
    await expect.poll(() => newest().frames.map(({ opcode }) => opcode)).toEqual([1, 9, 1, 0]);
    expect(newest().frames.map(({ payload }) => payload.toString())).toEqual([subscribe, 'p', first, second]);
    await mia.stop();
    await expect
      .poll(async () => (await rows()).find((row) => JSON.stringify(row).includes('websocket_closed')))
      .toMatchObject({ details: { messages_sent: 2, bytes_sent: 2 * subscribe.length } });
  });

  test.each([
    ['{"subscribe":"payments"}', 'subscribe must be equal to one of the allowed values'],
    ['{"subscribe":"orders","order":7}', 'the message has a field that the rule does not know'],
    ['{"order":7}', "the message must have required property 'subscribe'"],
    ['{"subscribe":"payments","subscribe":"orders"}', 'the message is not JSON with one meaning'],
    ['subscribe', 'the message is not JSON with one meaning'],
    ['', 'the message is not JSON with one meaning'],
    [Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'the message is not JSON with one meaning'],
  ])('%s is not sent, and the record says why', async (text, wrong) => {
    const { end } = await asked('/live/topics');
    end.write(Buffer.concat([frame(subscribe), frame(text), frame(subscribe)]));
    await ended(end);
    await ended(newest());
    expect(end.close()).toBe('1008 no message may be sent while acting for someone');
    expect(newest().texts()).toEqual([subscribe]);
    await expect
      .poll(async () => (await rows()).slice(-2))
      .toMatchObject([
        {
          event: 'blocked',
          action: 'websocket_message_blocked',
          details: { why: 'message_not_permitted', wrong },
        },
        { event: 'action', action: 'websocket_closed', details: { messages_sent: 1 } },
      ]);
  });

  test('nor is what is no text, or too long, or comes in pieces and is wrong as a whole', async () => {
    const wrong: readonly (readonly [readonly Buffer[], string])[] = [
      [[frame(subscribe, { opcode: 2 })], '1008'],
      [[frame(`${subscribe}${' '.repeat(1100)}`)], '1009'],
      [[frame('{"subscribe":', { fin: false }), frame('"payments"}', { opcode: 0 })], '1008'],
      [[frame(subscribe, { fin: false }), frame(subscribe)], '1002'],
    ];
    for (const [frames, code] of wrong) {
      const { end } = await asked('/live/topics');
      for (const one of frames) end.write(one);
      await ended(end);
      expect(end.close()?.slice(0, 4)).toBe(code);
      expect(newest().texts()).toEqual([]);
      expect(newest().frames.map(({ opcode }) => opcode)).toEqual([8]);
    }
  });
});

describe('where no rule does', () => {
  test('there is none, and the record says that one was asked for', async () => {
    const { status, body } = await asked('/live/other');
    expect(status).toBe(400);
    await expect.poll(body).toContain('"code":"unsettled_request"');
    expect((await lenient.events()).at(-1)).toMatchObject({
      event: 'blocked',
      details: { why: 'upgrade' },
      path: '/live/other',
    });
    expect(app.opened).toEqual([]);
  });

  test('a blocked path is blocked for this as for everything', async () => {
    const { status, body } = await asked('/live/payments');
    expect(status).toBe(403);
    await expect.poll(body).toContain('Watching payments isn’t available');
    expect((await lenient.events()).at(-1)).toMatchObject({
      event: 'blocked',
      action: 'live_off_limits_blocked',
    });
    expect(app.opened).toEqual([]);
  });

  test('and none for a session that has ended', async () => {
    const cookie = lenient.cookies(mia);
    await mia.stop();
    const { status } = await ask(url, { path: '/live/orders', cookie });
    expect(status).toBe(401);
    expect(app.opened).toEqual([]);
  });
});

test('while nothing can be recorded, none is opened that would have to be in the record', async () => {
  const other = runScript('./lock-process.ts', lenient.system.auditFile);
  await other.said('locked');
  const { status, body } = await asked('/live/chat/1');
  expect(status).toBe(503);
  await expect.poll(body).toContain('audit_unavailable');
  expect(app.opened).toEqual([]);
  expect((await asked('/live/orders')).status).toBe(101);
  other.process.stdin.end();
  await other.ended();
});
