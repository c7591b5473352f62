/** What goes along with a decision: texts escaped for where they go, roles by their words, secrets left out of paths. */
import { describe, expect, it } from 'vitest';
import { ask, load, loadRules } from './loaded.ts';
import { mia, sam, sara } from './people.ts';

describe('an amendment', () => {
  const policy = loadRules([
    '{ id: note, on: [POST /a], effect: audit, amend: { json: { /note: "By {actor.name}" }, form: { __proto: "{actor.name}", order_note: "By {actor.name}" }, header: { x-placed-by: "{actor.name} <{actor.email}>" } } }',
  ]);
  const amendFor = (name: string) => ask(policy, 'POST /a', { actor: { ...mia, name } }).obligations.amend;

  it.each([
    ['Mia Moreno', 'By Mia Moreno', 'Mia Moreno <mia@valley.example>'],
    ['Mia\r\nX-Admin: 1', 'By Mia X-Admin: 1', 'Mia X-Admin: 1 <mia@valley.example>'],
    ['Mia\u2028Order free', 'By Mia Order free', 'Mia Order free <mia@valley.example>'],
    ['Zoë 100%', 'By Zoë 100%', 'Zo%C3%AB 100%25 <mia@valley.example>'],
    ['\ud800x', 'By \ufffdx', '%EF%BF%BDx <mia@valley.example>'],
    ['{actor.email}', 'By {actor.email}', '{actor.email} <mia@valley.example>'],
  ])('by %j cannot break out of its place', (name, text, header) => {
    expect(amendFor(name)).toMatchObject({
      json: { '/note': text },
      form: { order_note: text },
      header: { 'x-placed-by': header },
    });
  });

  it('is not made to a request that is not sent', () => {
    const strict = loadRules([
      '{ id: note, on: [POST /a], effect: audit, market: hill, amend: { json: { /note: x } } }',
    ]);
    expect(ask(strict, 'POST /a')).toMatchObject({ effect: 'block', obligations: { amend: { json: {} } } });
  });
});

describe('the role of an actor', () => {
  const policy = load(
    [
      'version: 1',
      'act_as:',
      '  who:',
      '    - { actors: [helper], subjects: [shopper], mode: view }',
      '    - { actors: [market_manager, chief-of-staff], subjects: [shopper] }',
      '    - { actors: [sales_staff], subjects: [shopper], assigned: true }',
      'rules:',
      '  - { id: note, on: [POST /a], effect: audit, amend: { json: { /note: "{actor.role}" } } }',
    ].join('\n'),
  );
  it.each([
    [mia, 'market manager'],
    [sara, 'sales staff'],
    [{ ...mia, roles: ['sales_staff', 'market_manager'], id: 'other' }, 'market manager'],
    [{ ...mia, roles: ['helper', 'chief-of-staff'] }, 'chief of staff'],
    [{ ...mia, roles: ['helper'] }, 'helper'],
    [{ ...mia, roles: [] }, 'staff'],
  ])('%#: is said in words: %s', (actor, words) =>
    expect(ask(policy, 'POST /a', { actor, subject: sam }).obligations.amend.json).toEqual({
      '/note': words,
    }),
  );
});

describe('what the record may show of a path', () => {
  const policy = loadRules([
    '{ id: reset, on: [PUT /reset/:token], effect: block, redact: [":token"] }',
    '{ id: visit, on: [GET /invites/:code/as/:user], effect: audit, redact: [":code"] }',
    '{ id: deep, on: [GET /files/**/:key], effect: audit, redact: [":key"] }',
  ]);
  it.each([
    ['PUT /reset/s3cret', '/reset/[redacted]'],
    ['POST /Reset/s3cret', '/Reset/[redacted]'],
    ['PUT /reset/s3cret/', '/reset/[redacted]'],
    ['PUT /reset/s3cret;x', '/reset/[redacted]'],
    ['PUT /reset%2Fs3cret', '/[redacted]'],
    ['GET /invites/c0de/as/sam', '/invites/[redacted]/as/sam'],
    ['GET /files/a/b/k3y', '/files/[redacted]'],
    ['GET /market', null],
  ])('%s: %s', (line, path) => expect(ask(policy, line).recordedPath).toBe(path));
});
