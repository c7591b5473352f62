/** How long sessions live, by role, and what is told to whoever comes too late. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

const MINUTE = 60_000;
let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.close());

async function acting(email: string, subject: string): Promise<Visitor> {
  const who = visitor(system.url);
  await who.signIn(email);
  await who.actAs(subject);
  return who;
}

it('is fifteen minutes without activity for customer service, and half an hour for managers', async () => {
  const cora = await acting('cora@valley.example', 'u-sam');
  const mia = await acting('mia@valley.example', 'u-sue');
  expect(await (await cora.get('/_act-as/status')).json()).toMatchObject({
    acting: { idle_left_ms: 15 * MINUTE },
  });
  expect(await (await mia.get('/_act-as/status')).json()).toMatchObject({
    acting: { idle_left_ms: 30 * MINUTE },
  });
  await system.pass(15 * MINUTE);
  const late = await cora.visit('/cart');
  expect(late.status).toBe(401);
  const words = await late.text();
  expect(words).toContain('Nothing was done for 15 minutes, so it ended by itself.');
  expect(words).toContain('What is in Sam Whitaker’s cart stays there.');
  expect((await mia.visit('/cart')).status).toBe(200);
  expect(await (await cora.get('/_act-as/status')).json()).toMatchObject({
    acting: null,
    ended: { why: 'idle_timeout', words: 'Nothing was done for 15 minutes, so it ended by itself.' },
  });
  await mia.stop();
});

it('lands each role where the policy says', async () => {
  const cora = visitor(system.url);
  await cora.signIn('cora@valley.example');
  const started = await cora.send('POST', '/_act-as/sessions', { subject: 'u-sam' });
  expect(await started.json()).toMatchObject({
    location: '/account',
    session: { pause: 'on_lock', locked: false },
  });
  await cora.stop();
  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  const other = await mia.send('POST', '/_act-as/sessions', { subject: 'u-sam' });
  expect(await other.json()).toMatchObject({
    location: '/market',
    session: { pause: 'at_start', locked: true },
  });
  await mia.stop();
});

it('never passes the longest time, however busy one is', async () => {
  const mia = await acting('mia@valley.example', 'u-sam');
  for (let passed = 0; passed < 120; passed += 24) {
    expect((await mia.visit('/cart')).status).toBe(200);
    await system.pass(24 * MINUTE);
  }
  const late = await (await mia.visit('/cart')).text();
  expect(late).toContain('It had lasted as long as a session may');
});
