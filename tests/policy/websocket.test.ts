/** `websocket:` of a rule: where one may be opened, who may send messages over it, and what they must be. */
import { describe, expect, it } from 'vitest';
import { formatMistakes, loadPolicy, obligationsOf, readPolicy, runTests } from '../../policy/index.ts';
import { ask, load, loadRules } from './loaded.ts';

const policy = loadRules([
  '{ id: watch, on: [GET /watch/**], effect: allow, websocket: { messages: from_app, protocols: [v1, v2] } }',
  '{ id: chat, on: [GET /chat], effect: audit, websocket: { messages: both } }',
  '{ id: search, on: [GET /search], effect: audit, reads: true, websocket: { messages: both } }',
  '{ id: topics, on: [GET /topics], effect: audit, websocket: { messages: both, message: { type: object, required: [topic], properties: { topic: { type: string, maxLength: 5 } } } } }',
  '{ id: stricter, on: [GET /watch/orders], effect: audit }',
  '{ id: never, on: [GET /watch/payments], effect: block }',
  '{ id: claimed, on: [GET /claimed], effect: audit, actors: { claim: may_watch }, websocket: { messages: from_app } }',
]);

describe('a WebSocket', () => {
  it('is opened where the rule that decides says so, and nowhere else', () => {
    expect(ask(policy, 'GET /watch/stock').webSocket).toEqual({
      messages: 'from_app',
      wrongMessage: null,
      protocols: ['v1', 'v2'],
    });
    expect(ask(policy, 'GET /chat').webSocket).toMatchObject({ messages: 'both', protocols: [] });
    for (const path of ['/watch/orders', '/watch/payments', '/other', '/CHAT', '/chat/', '/claimed'])
      expect(ask(policy, `GET ${path}`).webSocket, path).toBeNull();
    expect(ask(policy, 'POST /chat').webSocket).toBeNull();
  });

  it('of a session that may only look sends nothing, unless its rule only reads', () => {
    const looking = (path: string) => ask(policy, `GET ${path}`, { mode: 'view' }).webSocket?.messages;
    expect(['/watch/stock', '/chat', '/topics', '/search'].map(looking)).toEqual([
      'from_app',
      'from_app',
      'from_app',
      'both',
    ]);
  });

  it('asks of each message what its rule says of it, and never repeats the message', () => {
    const wrong = ask(policy, 'GET /topics').webSocket?.wrongMessage;
    const say = (text: string) => wrong?.(Buffer.from(text));
    expect(say('{"topic":"stock"}')).toBeNull();
    expect(say('{"topic":"payments"}')).toBe('topic must NOT have more than 5 characters');
    expect(say('{}')).toBe("the message must have required property 'topic'");
    for (const text of ['', '{', '\ufeff{"topic":"a"}', '{"topic":"a","Topic":"b"}'])
      expect(say(text), text).toBe('the message is not JSON with one meaning');
  });
});

describe('what contradicts itself', () => {
  it.each([
    [
      'on: [GET /x], effect: block, websocket: { messages: from_app }',
      'a request under block is not forwarded, so no WebSocket is opened',
    ],
    [
      'on: [GET /x], effect: allow, websocket: { messages: both }',
      'what a browser sends over a WebSocket carries actions, so it must leave a record',
    ],
    [
      'on: [POST /x], effect: audit, websocket: { messages: from_app }',
      'a WebSocket is opened by GET, and this rule names none',
    ],
    [
      'on: [GET /x], effect: audit, websocket: { messages: from_app, message: {} }',
      'no message of the browser is sent, whatever it says',
    ],
    [
      'on: [GET /x], effect: audit, body_limit: stream, websocket: { messages: both, message: {} }',
      'a message of any length cannot be looked into',
    ],
    [
      'on: [GET /x], effect: audit, websocket: { messages: both, message: { typ: object } }',
      'unknown keyword of JSON Schema',
    ],
    [
      'on: [GET /x], effect: audit, websocket: { messages: both, protocols: ["a b"] }',
      'a sub-protocol is one word',
    ],
    ['on: [GET /x], effect: audit, websocket: {}', 'messages'],
    [
      'while: assisted, on: [GET /x], effect: pause, websocket: { messages: from_app }',
      'a request under pause is not forwarded',
    ],
  ])('%s', (rule, message) => {
    const loaded = loadPolicy(
      `version: 1\nact_as: { who: [{ actors: [a], subjects: [b] }] }\nrules:\n  - { id: r, ${rule} }\n`,
    );
    expect(loaded.ok ? 'no mistake' : formatMistakes('policy.yaml', loaded.mistakes)).toContain(message);
  });
});

describe('its author', () => {
  it('can ask what may be sent', () => {
    const words = (path: string) => obligationsOf(ask(policy, `GET ${path}`));
    expect(words('/watch/stock')).toEqual([
      'may open a WebSocket, on which the app alone may send messages, in v1 or v2',
    ]);
    expect(words('/chat')).toEqual([
      'may open a WebSocket, on which the browser and the app may send messages, unseen',
    ]);
    expect(words('/topics')).toEqual([
      'may open a WebSocket, on which the browser and the app may send messages, the browser’s by a schema',
    ]);
  });

  it('can have it tested', () => {
    const tested = (expected: string) => {
      const read = readPolicy(
        `version: 1\nact_as: { who: [{ actors: [a], subjects: [b] }] }\nrules:\n  - { id: r, on: [GET /x], effect: allow, websocket: { messages: from_app } }\ntests:\n  - { name: t, as: a, for: b, send: GET /x, expect: allow, websocket: ${expected} }\n`,
      );
      return read.ok ? runTests(read.policy, read.file.tests)[0]?.failure : 'does not load';
    };
    expect(tested('from_app')).toBeNull();
    expect(tested('none')).toBe(
      'expected allow, websocket: none, but the policy answers allow by rule r, websocket: from_app',
    );
    expect(tested('both')).toContain('websocket: from_app');
  });

  it('who says nothing of it permits none', () => {
    const plain = load('version: 1\nact_as: { who: [{ actors: [market_manager], subjects: [shopper] }] }\n');
    expect(ask(plain, 'GET /x')).toMatchObject({ effect: 'allow', webSocket: null });
  });
});
