/** The story: a manager's browser crashed; its act-as cookie was gone, and she was locked out of acting for half an hour. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jsonOf, problemShape, sessionsShape } from '../security/json-of.ts';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

let system: System;
let elsewhere: Visitor;

beforeEach(async () => {
  system = await startSystem();
  const before = visitor(system.url);
  await before.signIn('mia@valley.example');
  await before.actAs('u-sam');
  elsewhere = visitor(system.url);
  await elsewhere.signIn('mia@valley.example');
});
afterEach(() => system.close());

it('tells her that it is her own session that is in the way', async () => {
  const refused = await elsewhere.send('POST', '/_act-as/sessions', { subject: 'u-sam' });
  expect(refused.status).toBe(409);
  const problem = await jsonOf(refused, problemShape);
  expect(problem).toMatchObject({ code: 'seat_taken', fault: 'actor' });
  expect(problem.detail).toContain('You are already acting as Sam Whitaker, perhaps in another browser');
});

it('lets her end it by its id, though she reviews nobody', async () => {
  const { sessions } = await jsonOf(await elsewhere.get('/_act-as/sessions'), sessionsShape);
  const ended = await elsewhere.send('POST', `/_act-as/sessions/${sessions[0]?.id ?? ''}/stop`);
  expect(ended.status).toBe(200);
  await elsewhere.actAs('u-sue');
});

it('lets her start here in its place, and the record has the end of the one before the start of the other', async () => {
  const started = await elsewhere.send('POST', '/_act-as/sessions', { subject: 'u-sue', takeover: true });
  expect(started.status).toBe(201);
  await elsewhere.stop();
  const answer = await elsewhere.get('/admin/impersonation-audit/events.json');
  expect(await answer.json()).toMatchObject({
    events: [
      { event: 'stop', customer_name: 'Sue Nakamura' },
      { event: 'start', customer_name: 'Sue Nakamura' },
      { event: 'stop', action: 'stop_acting', customer_name: 'Sam Whitaker' },
      { event: 'start', customer_name: 'Sam Whitaker' },
    ],
  });
});

it('does not give her somebody else’s seat that way', async () => {
  const sara = visitor(system.url);
  await sara.signIn('sara@valley.example');
  const refused = await sara.send('POST', '/_act-as/sessions', { subject: 'u-sam', takeover: true });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: 'seat_taken', fault: 'subject' });
});
