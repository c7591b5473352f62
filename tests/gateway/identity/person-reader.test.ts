import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersonAnswer } from '../../../gateway/identity/person-reader.ts';
import { compilePerson, personSchema } from '../../../gateway/identity/index.ts';

function read(mapping: object, document: unknown) {
  return compilePerson(personSchema.parse(mapping))(document);
}

function personFrom(mapping: object, document: unknown) {
  const answer = read(mapping, document);
  return answer.kind === 'person' ? answer.person : answer;
}

function isSound(answer: PersonAnswer): boolean {
  switch (answer.kind) {
    case 'nobody':
      return true;
    case 'unreadable':
      return /^no usable [a-zA-Z, ]+ in the answer$/.test(answer.cause);
    case 'person': {
      const { id, name, roles, active } = answer.person;
      return (
        id !== '' &&
        name !== '' &&
        typeof active === 'boolean' &&
        roles.every((role) => typeof role === 'string')
      );
    }
  }
}

describe('reading a person', () => {
  it('takes whole numbers as ids, as text', () => {
    const document = { id: 42, name: 'Sam', market: { id: 7 }, staff: 9 };
    const mapping = { id: '/id', name: '/name', market: '/market/id', assigned_to: '/staff' };
    expect(personFrom(mapping, document)).toMatchObject({ id: '42', market: '7', assignedTo: '9' });
    expect(read(mapping, { ...document, id: 2 ** 60 })).toMatchObject({ kind: 'unreadable' });
  });

  it('joins the parts of a name and falls back to the address, then to the id', () => {
    const mapping = { id: '/id', name: ['/first', '/last'], email: '/email' };
    expect(personFrom(mapping, { id: '1', first: 'Sam', last: 'Shaw', email: 's@x' })).toMatchObject({
      name: 'Sam Shaw',
    });
    expect(personFrom(mapping, { id: '1', first: 'Sam', last: null })).toMatchObject({
      name: 'Sam',
      email: '',
    });
    expect(personFrom(mapping, { id: '1', first: ' ', email: 's@x' })).toMatchObject({ name: 's@x' });
    expect(personFrom(mapping, { id: '1' })).toMatchObject({ name: '1' });
  });

  it('takes a single role as a list of one', () => {
    expect(
      personFrom({ id: '/id', name: '/id', roles: '/role' }, { id: '1', role: 'shopper' }),
    ).toMatchObject({
      roles: ['shopper'],
    });
  });

  it('gives everyone the roles and the market that are always theirs', () => {
    const mapping = { id: '/id', name: '/id', roles: { always: ['shopper'] }, market: { always: 'valley' } };
    expect(personFrom(mapping, { id: '1', roles: ['superuser'] })).toMatchObject({
      roles: ['shopper'],
      market: 'valley',
    });
  });

  it('reads a status that is written in words', () => {
    const mapping = { id: '/id', name: '/id', active: { at: '/status', is: ['active', 'invited'] } };
    expect(personFrom(mapping, { id: '1', status: 'invited' })).toMatchObject({ active: true });
    expect(personFrom(mapping, { id: '1', status: 'closed' })).toMatchObject({ active: false });
    expect(read(mapping, { id: '1' })).toMatchObject({ kind: 'unreadable' });
  });

  it('collects single claims by name and leaves out those that are not there', () => {
    const mapping = {
      id: '/id',
      name: '/id',
      claims: { external_id: '/ext', price: '/can/price', gone: '/nowhere' },
    };
    expect(personFrom(mapping, { id: '1', ext: 'E-1', can: { price: true } })).toMatchObject({
      claims: { external_id: 'E-1', price: true },
    });
  });

  it('cleans names of what could rewrite a screen', () => {
    const name = 'Sam\u202e\u0000\n\u2028 <b>Shaw</b>\ud800';
    expect(personFrom({ id: '/id', name: '/name' }, { id: '1', name })).toMatchObject({
      name: 'Sam <b>Shaw</b>\ufffd',
    });
    expect(personFrom({ id: '/id', name: '/name' }, { id: '1', name: 'x'.repeat(999) })).toMatchObject({
      name: 'x'.repeat(200),
    });
  });

  it('finds nothing in what every object inherits', () => {
    for (const place of ['/__proto__/id', '/constructor/name', '/toString']) {
      expect(read({ id: place, name: place }, { id: '1' })).toMatchObject({ kind: 'unreadable' });
    }
    expect(read({ id: '/length', name: '/length' }, ['a'])).toMatchObject({ kind: 'unreadable' });
  });

  it('follows escapes and list positions in pointers', () => {
    expect(
      personFrom({ id: '/a~1b/m~0n/1', name: '/' }, { 'a/b': { 'm~n': ['x', 'y'] }, '': 'Sam' }),
    ).toMatchObject({
      id: 'y',
      name: 'Sam',
    });
  });

  it('answers any JSON with a sound person or says why not, and never throws', () => {
    const place = fc.constantFrom('/id', '/user/id', '/0', '/a');
    const mapping = fc.record({
      id: place,
      name: place,
      email: place,
      roles: place,
      market: place,
      active: place,
      assigned_to: place,
      claims: place,
    });
    fc.assert(
      fc.property(mapping, fc.jsonValue(), fc.jsonValue(), (where, value, other) => {
        const document = { id: value, user: { id: other }, 0: other, a: value };
        const answer = read(where, document);
        expect(isSound(answer)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the mapping of a person in gateway.yaml', () => {
  it.each([
    ['an unknown key', { id: '/id', name: '/name', emial: '/email' }],
    ['a place that is no pointer', { id: 'id', name: '/name' }],
    ['a pointer with a loose tilde', { id: '/a~2', name: '/name' }],
    ['no id', { name: '/name' }],
  ])('refuses %s', (_, mapping) => {
    expect(personSchema.safeParse(mapping).success).toBe(false);
  });
});
