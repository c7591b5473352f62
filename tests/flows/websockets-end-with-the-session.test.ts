/** The story: the manager stopped, and the socket of the page in her other tab went on showing her the shopper's life for hours (E-9). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { cookiesOf, startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { withLiveRules } from '../security/live-rules.ts';
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
import { startGateways } from './gateways.ts';

const ENDED = '1008 the act-as session has ended';
const NOT_PERMITTED = '1008 this is not permitted any more';

function newest({ opened }: App): AppEnd {
  const end = opened.at(-1);
  if (end === undefined) throw new Error('the app was not asked');
  return end;
}

describe('on one instance', () => {
  let lenient: LenientSystem;
  let app: App;
  let mia: Visitor;

  beforeEach(async () => {
    lenient = await startLenientSystem({
      editPolicy: (yaml) => withLiveRules(yaml).replace(/^tests:[^]*$/m, ''),
    });
    app = webSocketApp(lenient.upstream);
    mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
  });
  afterEach(() => lenient.close());

  const open = async (path = '/live/orders'): Promise<Asked['end']> => {
    const asked = await ask(lenient.system.url, { path, cookie: lenient.cookies(mia) });
    expect(asked.status).toBe(101);
    return asked.end;
  };

  async function expectBothSay(end: Asked['end'], why: string): Promise<void> {
    await ended(end);
    await ended(newest(app));
    expect([end.close(), newest(app).close()]).toEqual([why, why]);
  }

  const ENDS: Readonly<Record<string, () => Promise<unknown>>> = {
    stopped: () => mia.stop(),
    'signed out': () => mia.send('POST', '/_act-as/stop', { sign_out: true }),
    'out of time without activity': () => lenient.system.pass(31 * MINUTE),
    'as old as a session may be': async () => {
      for (let count = 0; count < 4; count += 1) {
        await lenient.system.pass(29 * MINUTE);
        await mia.get('/market');
      }
      await lenient.system.pass(4 * MINUTE);
    },
    'taken over': async () => {
      const mo = lenient.person('u-mo');
      await mo.send('POST', '/_act-as/sessions', { subject: 'u-sam', takeover: true });
    },
    'stopped by a reviewer': async () => {
      const [row] = await lenient.events();
      await lenient.person('u-root').send('POST', `/_act-as/sessions/${row?.session_id ?? ''}/stop`);
    },
  };

  test.each(Object.entries(ENDS))('it ends with a session that is %s', async (_how, end) => {
    const open1 = await open();
    await end();
    await expectBothSay(open1, ENDED);
    expect(
      (await lenient.events()).filter(({ event }) => event === 'stop' || event === 'expired'),
    ).toHaveLength(1);
  });

  test('a session whose actor has signed out of the market ends within a minute, with it', async () => {
    const end = await open();
    lenient.upstream.people.delete('u-mia');
    await lenient.system.pass(MINUTE / 2);
    expect(end.gone()).toBe(false);
    await lenient.system.pass(MINUTE / 2);
    await expectBothSay(end, ENDED);
    await expect
      .poll(async () => (await lenient.events()).at(-1))
      .toMatchObject({ event: 'expired', action: 'actor_signed_out' });
  });

  test('whoever cannot be asked about is not believed for longer than a minute', async () => {
    const end = await open();
    lenient.upstream.behave((_, response) => {
      response.writeHead(500).end();
      return true;
    });
    await lenient.system.pass(MINUTE);
    await expectBothSay(end, NOT_PERMITTED);
  });

  async function newPolicy(change: (yaml: string) => string): Promise<void> {
    const file = join(lenient.system.folder, 'policy.yaml');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    await lenient.system.gateway.reloadPolicy();
    await lenient.system.pass(0);
  }

  test('a policy that no longer permits it ends it, and one that still does not', async () => {
    const end = await open();
    await newPolicy((yaml) => `${yaml}\n# the same once more\n`);
    newest(app).write(fromApp('here'));
    await expect.poll(end.texts).toEqual(['here']);
    await newPolicy((yaml) =>
      yaml.replace('    websocket: { messages: from_app, protocols: [orders.v1] }\n', ''),
    );
    await expectBothSay(end, NOT_PERMITTED);
  });

  test('a policy under which she may only look lets the app speak, and her no more', async () => {
    const end = await open('/live/chat/1');
    end.write(frame('hello'));
    await expect.poll(newest(app).texts).toEqual(['hello']);
    await newPolicy((yaml) =>
      yaml.replace('actors: [market_manager], subjects', 'actors: [market_manager], mode: view, subjects'),
    );
    newest(app).write(fromApp('hello yourself'));
    await expect.poll(end.texts).toEqual(['hello yourself']);
    end.write(frame('order'));
    await expectBothSay(end, '1008 no message may be sent while acting for someone');
    expect(newest(app).texts()).toEqual(['hello']);
    const again = await open('/live/chat/1');
    again.write(frame('order'));
    await expectBothSay(again, '1008 no message may be sent while acting for someone');
  });

  test('in the midst of a long message it ends as well, and the rest of that does not arrive', async () => {
    const end = await open('/live/chat/1');
    newest(app).write(fromApp('x'.repeat(100_000)).subarray(0, 50_000));
    end.write(frame('y'.repeat(500)).subarray(0, 250));
    await expect.poll(() => end.rest() + newest(app).rest()).toBe(50_250);
    await mia.stop();
    newest(app).write(Buffer.alloc(50_010));
    await ended(end);
    await ended(newest(app));
    expect([end.rest(), end.close(), newest(app).close()]).toEqual([50_000, null, null]);
  });

  test('while the app has not answered yet, it is not opened any more', async () => {
    const late = Promise.withResolvers<void>();
    app.answerWith(() => late.resolve());
    const asked = ask(lenient.system.url, { path: '/live/orders', cookie: lenient.cookies(mia) });
    const cut = asked.catch(String);
    await late.promise;
    await mia.stop();
    expect(await cut).toContain('the connection was cut');
  });
});

describe('on two instances that share a Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.close());

  test('it ends within a second of the end on the other, and so does an event stream', async () => {
    const all = await startGateways([redis.url, redis.url], { editPolicy: withLiveRules });
    try {
      const [one, two] = all.instances;
      if (one === undefined || two === undefined) throw new Error('too few');
      const app = webSocketApp(all.upstream);
      const mia = all.person('u-mia', one);
      await mia.actAs('u-sam');
      const { status, end } = await ask(two.gateway.url, { path: '/live/orders', cookie: cookiesOf(mia) });
      expect(status).toBe(101);
      newest(app).write(fromApp('packed'));
      await expect.poll(end.texts).toEqual(['packed']);
      all.upstream.behave(({ target }, response) => {
        if (target !== '/events') return false;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: packed\n\n');
        return true;
      });
      const stream = await all.sentTo(mia, two).get('/events', { accept: 'text/event-stream' });
      const streamed = stream.text().catch(() => 'cut');
      await mia.stop();
      await ended(end);
      await ended(newest(app));
      expect(end.close()).toBe(ENDED);
      expect(await streamed).toBe('cut');
    } finally {
      await all.close();
      await redis.cli('FLUSHALL');
    }
  });

  test('where Redis cannot be asked, nobody knows of an end elsewhere: after some seconds it ends', async () => {
    const all = await startGateways([redis.url], { editPolicy: withLiveRules });
    try {
      const [one] = all.instances;
      if (one === undefined) throw new Error('too few');
      webSocketApp(all.upstream);
      const mia = all.person('u-mia', one);
      await mia.actAs('u-sam');
      const { end } = await ask(one.gateway.url, { path: '/live/orders', cookie: cookiesOf(mia) });
      redis.freeze();
      await expect.poll(() => one.sessions.health().ok, { timeout: 5_000 }).toBe(false);
      await all.pass(4_000);
      expect(end.gone()).toBe(false);
      await all.pass(2_000);
      await ended(end);
      expect(end.close()).toBe(ENDED);
    } finally {
      redis.thaw();
      await all.close();
    }
  });
});
