/**
 * A session may open WebSockets: somebody opens them without end, or sends a message whose pieces never end, and what is
 * used up is everybody's. It stops at a number that the configuration says, with words, and nothing else is lost.
 */
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createFromBrowser, type MessageRules } from '../../gateway/upgrade/from-browser.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { withLiveRules } from './live-rules.ts';
import { ask, ended, frame, webSocketApp, type App } from './web-sockets.ts';

const looked: MessageRules = { messages: 'both', messageBytes: 10_000, wrongMessage: () => null };
const roomy = () => ({ held: 0, limit: 1_000_000 });

describe('a message that is looked at', () => {
  test.each([
    ['empty pieces', ''],
    ['pieces of one byte', 'x'],
  ])('in %s without end is given up long before it is long', (_what, piece) => {
    const budget = roomy();
    const reader = createFromBrowser(() => looked, budget);
    expect(reader.read(frame('be', { fin: false })).fault).toBeNull();
    const pieces = Buffer.concat(
      Array.from({ length: 2_000 }, () => frame(piece, { opcode: 0, fin: false })),
    );
    expect(reader.read(pieces).fault).toMatchObject({ why: 'message_too_large' });
    reader.drop();
    expect(budget.held).toBe(0);
  });

  test('counts among all that is held, from its first byte until it has passed', () => {
    const budget = { held: 0, limit: 10_000 };
    const [one, other] = [createFromBrowser(() => looked, budget), createFromBrowser(() => looked, budget)];
    expect(one.read(frame('x'.repeat(6_000)).subarray(0, 100)).fault).toBeNull();
    expect(budget.held).toBe(6_000);
    expect(other.read(frame('x'.repeat(6_000))).fault).toMatchObject({ code: 1013, why: 'no_room' });
    expect(budget.held).toBe(6_000);
    expect(one.read(frame('x'.repeat(6_000)).subarray(100)).pass).toHaveLength(6_008);
    expect(budget.held).toBe(0);
    const third = createFromBrowser(() => looked, budget);
    third.read(frame('x'.repeat(4_000), { fin: false }));
    third.read(frame('x'.repeat(4_000), { opcode: 0 }).subarray(0, 20));
    expect(budget.held).toBe(8_000);
    third.drop();
    third.drop();
    expect(budget.held).toBe(0);
  });

  test('gives back what it held where it is not as its rule says', () => {
    const budget = roomy();
    const reader = createFromBrowser(() => ({ ...looked, wrongMessage: () => 'wrong' }), budget);
    expect(reader.read(frame('{}')).fault).toMatchObject({ why: 'message_not_permitted' });
    reader.drop();
    expect(budget.held).toBe(0);
  });
});

test('a message that is begun and never finished gives its room back after the time a body has', async () => {
  const lenient = await startLenientSystem({ editPolicy: withLiveRules });
  onTestFinished(() => lenient.close());
  const app = webSocketApp(lenient.upstream);
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  const { end } = await ask(lenient.system.url, { path: '/live/topics', cookie: lenient.cookies(mia) });
  const [one, other] = [frame('{"subscribe":"orders"}'), frame('{"subscribe":"stock"}')];
  end.write(Buffer.concat([one, one.subarray(0, 12)]));
  await expect.poll(() => app.opened[0]?.texts()).toHaveLength(1);
  await lenient.system.pass(0);
  await lenient.system.pass(59_000);
  // One that is whole at last does not hurry the next.
  end.write(Buffer.concat([one.subarray(12), other.subarray(0, 12)]));
  await expect.poll(() => app.opened[0]?.texts()).toHaveLength(2);
  await lenient.system.pass(2_000);
  await lenient.system.pass(59_000);
  expect(end.gone()).toBe(false);
  await lenient.system.pass(2_000);
  await ended(end);
  expect(end.close()).toBe('1013 the rest of a message did not come');
});

describe('WebSockets without end', () => {
  let lenient: LenientSystem;
  let app: App;
  afterEach(() => lenient.close());

  async function start(limits: string): Promise<void> {
    lenient = await startLenientSystem({
      editPolicy: withLiveRules,
      editGateway: (yaml) => `${yaml}\nlimits: { ${limits} }\n`,
    });
    app = webSocketApp(lenient.upstream);
  }
  const open = (cookie: string, path = '/live/orders') => ask(lenient.system.url, { path, cookie });

  test('are refused to the session that has as many as it may, and to nobody else', async () => {
    await start('session_websockets: 2');
    const [mia, mo] = [lenient.person('u-mia'), lenient.person('u-mo')];
    await mia.actAs('u-sam');
    await mo.actAs('u-sue');
    const asked = await Promise.all(
      Array.from({ length: 6 }, () => open(lenient.cookies(mia), '/live/chat/1')),
    );
    expect(asked.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      101, 101, 429, 429, 429, 429,
    ]);
    expect(app.opened).toHaveLength(2);
    const refused = asked.find(({ status }) => status === 429);
    await expect.poll(() => refused?.body()).toContain('As many WebSockets as one session may have are open');
    expect((await lenient.events()).filter(({ event }) => event === 'blocked')).toMatchObject(
      Array.from({ length: 4 }, () => ({ details: { why: 'websockets' } })),
    );
    expect((await open(lenient.cookies(mo))).status).toBe(101);
    expect((await open('market_session=u-sue')).status).toBe(101);

    const first = asked.find(({ status }) => status === 101);
    first?.end.socket.destroy();
    await expect.poll(async () => (await open(lenient.cookies(mia))).status).toBe(101);
  });

  test('that never came to be take no place', async () => {
    await start('session_websockets: 1');
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    app.answerWith((_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
    for (const path of ['/live/orders', '/live/payments', '/market', '/live/chat/1']) {
      const { status, end } = await open(lenient.cookies(mia), path);
      expect(status, path).not.toBe(429);
      await ended(end);
    }
    app.answerWith(null);
    expect((await open(lenient.cookies(mia))).status).toBe(101);
  });

  test('are refused to everybody where the gateway has as many as it may', async () => {
    await start('websockets: 2');
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    const one = await open('market_session=u-sue');
    expect([one.status, (await open(lenient.cookies(mia))).status]).toEqual([101, 101]);
    for (const cookie of ['market_session=u-sue', lenient.cookies(mia)])
      expect((await open(cookie)).status).toBe(429);
    expect((await mia.get('/market')).status).toBe(200);
    one.end.socket.destroy();
    await expect.poll(async () => (await open('market_session=u-sue')).status).toBe(101);
  });
});
