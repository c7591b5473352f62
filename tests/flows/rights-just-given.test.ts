/**
 * The story: a manager was given the right to edit prices while a customer waited on the telephone, tried at once, and
 * was told that she lacked it; what the gateway remembered of her was four seconds old. Whoever is refused for want of
 * a right is refused by what the app says now, and nobody can make the gateway ask the app without end by being refused.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, test } from 'vitest';
import { SessionsUnavailableError } from '../../gateway/sessions/index.ts';
import { startBreakable } from '../security/breakable-sessions.ts';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import type { LenientPerson } from '../security/lenient-upstream.ts';
import { MINUTE } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let mia: Visitor;

const withLittleRoom = (yaml: string): string => `${yaml}\nlimits: { acting_bodies: 1MiB }\n`;
const withSeniors = (yaml: string): string =>
  yaml.replace(/^tests:[^]*$/m, '').replace(
    'rules:\n',
    `rules:
  - { id: discount, on: [POST /discount], effect: audit, actors: { roles: [senior] } }
  - { id: gift, on: [POST /gift], effect: audit, actors: { roles: [senior] }, body: { type: object, required: [to] } }
`,
  );

beforeAll(async () => {
  lenient = await startLenientSystem({ editGateway: withLittleRoom, editPolicy: withSeniors });
});
beforeEach(() => {
  lenient.upstream.people.set('u-mia', person('Mia Moreno', 'market_manager'));
  lenient.upstream.people.set('u-vic', person('Vic Adler', 'volunteer'));
});
afterAll(() => lenient.close());

const person = (name: string, ...roles: string[]): LenientPerson => ({
  name,
  roles,
  market: 'valley',
  active: true,
});
const give = (id: string, ...roles: string[]): void =>
  void lenient.upstream.people.set(id, person('Somebody', ...roles));

/** How often the app is asked meanwhile who this is. */
async function asked(id: string, work: () => Promise<unknown>): Promise<number> {
  lenient.upstream.forget();
  await work();
  return lenient.upstream.arrived.filter(({ as, target }) => as === id && target === '/api/me').length;
}

describe('in a session', () => {
  beforeAll(async () => {
    mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
  });

  it.each([
    ['whose body nobody looks into', '/discount', { percent: 5 }],
    ['whose body a rule looks into', '/gift', { to: 'Sam' }],
    ['without a body', '/discount', undefined],
  ])('a right given this very moment counts for a request %s', async (_, path, body) => {
    expect((await mia.send('POST', path, body)).status).toBe(403);
    give('u-mia', 'market_manager', 'senior');
    lenient.upstream.forget();
    expect((await mia.send('POST', path, body)).status).toBe(
      path === '/gift' && body === undefined ? 403 : 201,
    );
    expect(lenient.upstream.executed.at(-1)).toMatchObject({
      target: path,
      body: body === undefined ? '' : JSON.stringify(body),
    });
    await lenient.system.pass(MINUTE);
  });

  it('a session that is over by then is said to be over', async () => {
    expect((await mia.get('/market')).status).toBe(200);
    lenient.upstream.people.delete('u-mia');
    const refused = await mia.send('POST', '/discount', {});
    expect(await refused.json()).toMatchObject({ code: 'session_ended', fault: 'actor_signed_out' });
    await mia.stop();
  });

  it('what was read of a body then is not held for ever', async () => {
    for (let round = 0; round < 4; round += 1) {
      give('u-mia', 'market_manager');
      await mia.actAs('u-sam');
      await mia.get('/market');
      lenient.upstream.people.delete('u-mia');
      const refused = await mia.send('POST', '/gift', { to: 'x'.repeat(400_000) });
      expect(await refused.json()).toMatchObject({ code: 'session_ended' });
      await mia.stop();
      await lenient.system.pass(MINUTE);
    }
  });

  it('nor where nobody can be asked for the end of the session, whatever the reason', async () => {
    const system = await startBreakable(lenient.upstream.url, {
      gateway: withLittleRoom,
      policy: withSeniors,
    });
    onTestFinished(() => system.close());
    const max = visitor(system.gateway.url);
    max.cookies.set('market_session', 'u-mia');
    const send = (): Promise<Response> => max.send('POST', '/gift', { to: 'x'.repeat(400_000) });
    await max.actAs('u-sam');
    for (const error of [new SessionsUnavailableError('gone'), new Error('a defect')]) {
      for (let round = 0; round < 3; round += 1) {
        give('u-mia', 'market_manager');
        await max.get('/market');
        lenient.upstream.people.delete('u-mia');
        system.break((method) => (method === 'end' ? error : null));
        expect((await send()).status).toBeGreaterThanOrEqual(403);
        system.break(null);
      }
    }
    give('u-mia', 'market_manager');
    expect(await (await send()).json()).toMatchObject({ code: 'blocked' });
  });

  it('who is refused a hundred times a minute makes the app answer a few times', async () => {
    await mia.actAs('u-sam');
    const questions = await asked('u-mia', async () => {
      for (let tries = 0; tries < 100; tries += 1)
        expect((await mia.send('POST', '/discount', {})).status).toBe(403);
    });
    expect(questions).toBeGreaterThan(2);
    expect(questions).toBeLessThan(30);
    await mia.stop();
    await lenient.system.pass(MINUTE);
  });
});

describe('outside of one', () => {
  beforeAll(() =>
    lenient.upstream.behave(({ target }, response) => {
      if (!target.startsWith('/api/customers?')) return false;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"customers":[]}');
      return true;
    }),
  );
  const vic = (): Visitor => lenient.person('u-vic');
  const ways: readonly (readonly [string, (who: Visitor) => Promise<Response>, number])[] = [
    ['starting', (who) => who.send('POST', '/_act-as/sessions', { subject: 'u-sam' }), 201],
    ['making a link', (who) => who.send('POST', '/_act-as/links', { subject: 'u-sam' }), 201],
    ['finding customers', (who) => who.get('/_act-as/customers?q=sam'), 200],
    ['the page with “My orders”', (who) => who.visit('/_act-as/'), 200],
    ['the record', (who) => who.get('/admin/impersonation-audit/events.json'), 200],
  ];
  it.each(ways)('a role given this very moment counts: %s', async (_, way, status) => {
    const who = vic();
    await who.get('/_act-as/status');
    expect((await way(who)).status).toBe(403);
    give('u-vic', 'market_manager');
    expect((await way(who)).status).toBe(status);
    if (status === 201) await who.stop();
    await lenient.system.pass(MINUTE);
  });

  it('the buttons come with the next page', async () => {
    const who = vic();
    const mayAct = async (): Promise<unknown> => (await who.get('/_act-as/status')).json();
    expect(await mayAct()).toMatchObject({ actor: { may_act: false } });
    give('u-vic', 'market_manager');
    expect(await mayAct()).toMatchObject({ actor: { may_act: true } });
  });

  test('whom the app cannot be asked about again is still who they were a moment ago', async () => {
    await lenient.system.pass(MINUTE);
    const who = vic();
    let questions = 0;
    lenient.upstream.behave(({ target }, response) => {
      if (target !== '/api/me') return false;
      questions += 1;
      if (questions === 1) return false;
      response.writeHead(503).end();
      return true;
    });
    onTestFinished(() => lenient.upstream.behave(null));
    expect(await (await who.get('/_act-as/status')).json()).toMatchObject({ actor: { may_act: false } });
    expect(questions).toBe(2);
  });

  test('who asks a hundred times makes the app answer a few times', async () => {
    const who = vic();
    const questions = await asked('u-vic', async () => {
      for (let tries = 0; tries < 100; tries += 1) await who.get('/_act-as/status');
    });
    expect(questions).toBeLessThan(16);
  });
});
