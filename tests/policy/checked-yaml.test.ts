/** Files that people edit: every mistake at once, each where the cursor should go, with the word that was meant. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  byteSizeSchema,
  durationSchema,
  formatMistakes,
  nearestWord,
  readCheckedYaml,
} from '../../policy/index.ts';

const schema = z.strictObject({
  version: z.literal(1),
  idle: durationSchema.default(1_800_000),
  size: byteSizeSchema.optional(),
  title: z.string().min(1).max(8).optional(),
  rules: z
    .array(
      z.strictObject({
        id: z.string(),
        effect: z.enum(['allow', 'audit', 'block']),
        body: z.union([z.literal('stream'), byteSizeSchema]).optional(),
      }),
    )
    .default([]),
  identity: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('introspect'), route: z.string() }),
      z.strictObject({ kind: z.literal('jwt'), secret: z.string() }),
    ])
    .optional(),
  people: z.record(z.string(), z.strictObject({ age: z.int().min(0) })).optional(),
});

function mistakesIn(text: string): string {
  const read = readCheckedYaml(text, schema);
  return read.ok ? 'none' : formatMistakes('f.yaml', read.mistakes);
}

function ten(of: string): string {
  return `[${Array.from({ length: 10 }, () => of).join(', ')}]`;
}

describe('a file with mistakes', () => {
  const ALL = 'version, idle, size, title, rules, identity, people';
  const table: readonly (readonly [what: string, text: string, mistakes: readonly string[]])[] = [
    ['is empty', '', ['f.yaml:1:1: the file is empty']],
    ['holds only comments', '# nothing yet\n', ['f.yaml:1:1: the file is empty']],
    ['is a text', 'hello', ['f.yaml:1:1: expected a mapping (key: value), not "hello"']],
    ['is a list', '- 1', ['f.yaml:1:1: expected a mapping (key: value), not a list']],
    [
      'misspells keys, missing ones being mentioned once',
      'version: 1\nrules:\n  - id: a\n    efect: block\nverson: 2\n',
      [
        'f.yaml:4:5 rules[0].efect: unknown key — did you mean "effect"?',
        'f.yaml:5:1 verson: unknown key — did you mean "version"?',
      ],
    ],
    [
      'has a key like no other',
      'version: 1\nbanana: 1\n',
      [`f.yaml:2:1 banana: unknown key — allowed here: ${ALL}`],
    ],
    [
      'lacks a key',
      'rules:\n  - id: a\n',
      ['f.yaml:1:1 version: this key is missing', 'f.yaml:2:5 rules[0].effect: this key is missing'],
    ],
    [
      'has wrong words and kinds',
      'version: 2\nrules:\n  - { id: 3, effect: blok, body: strem }\ntitle: [x]\n',
      [
        'f.yaml:1:10 version: 2 is not 1',
        'f.yaml:3:11 rules[0].id: expected a text, not 3',
        'f.yaml:3:22 rules[0].effect: "blok" is not one of allow, audit, block — did you mean "block"?',
        'f.yaml:3:34 rules[0].body: expected a size such as 1MiB, 16KiB or a number of bytes',
        'f.yaml:4:8 title: expected a text, not a list',
      ],
    ],
    ['leaves a value out', 'version: 1\nrules:\n', ['f.yaml:2:7 rules: expected a list, not nothing']],
    ['is too long or too short', 'version: 1\ntitle: ""\n', ['f.yaml:2:8 title: must not be empty']],
    [
      'is too long',
      'version: 1\ntitle: 123456789a\n',
      ['f.yaml:2:8 title: must be at most 8 characters long'],
    ],
    [
      'has bad lengths of time and sizes',
      'version: 1\nidle: 3x\nsize: -1\n',
      [
        'f.yaml:2:7 idle: expected a length of time such as 30m, 2h, 45s, 500ms or a number of seconds',
        'f.yaml:3:7 size: expected a size such as 1MiB, 16KiB or a number of bytes',
      ],
    ],
    [
      'misspells the kind',
      'version: 1\nidentity: { kind: introspekt }\n',
      [
        'f.yaml:2:19 identity.kind: expected "introspect" or "jwt", not "introspekt" — did you mean "introspect"?',
      ],
    ],
    [
      'leaves the kind out',
      'version: 1\nidentity: { secret: x }\n',
      ['f.yaml:2:11 identity.kind: this key is missing'],
    ],
    [
      'mixes two kinds',
      'version: 1\nidentity: { kind: jwt, route: /me }\n',
      [
        'f.yaml:2:11 identity.secret: this key is missing',
        'f.yaml:2:24 identity.route: unknown key — allowed here: kind, secret',
      ],
    ],
    [
      'says a key twice, and another wrongly',
      'version: 1\nversion: 1\ntitel: x\n',
      ['f.yaml:2:1: this key stands here twice', 'f.yaml:3:1 titel: unknown key — did you mean "title"?'],
    ],
    [
      'holds two documents',
      'version: 1\n---\nversion: 1\n',
      ['f.yaml:2:1: only one document may stand in the file (remove the "---" line)'],
    ],
    [
      'is indented by a tab',
      'version: 1\nrules:\n\t- id: a\n',
      ['f.yaml:3:1: tabs cannot indent; use spaces'],
    ],
    [
      'is broken half-way: what stands before is still checked',
      'verson: 1\nrules: [1, 2\ntitle: x\n',
      [
        'f.yaml:1:1 verson: unknown key — did you mean "version"?',
        'f.yaml:2:9 rules[0]: expected a mapping (key: value), not 1',
        'f.yaml:2:12 rules[1]: expected a mapping (key: value), not 2',
        'f.yaml:3:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'uses a tag',
      'version: !!js/function 1\n',
      ['f.yaml:1:10: not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function'],
    ],
    [
      'reaches for the prototype',
      'version: 1\npeople: { __proto__: { age: 1 }, toString: { aeg: 1 } }\n',
      [
        'f.yaml:2:11: the key "__proto__" cannot be used',
        'f.yaml:2:46 people.toString.aeg: unknown key — did you mean "age"?',
      ],
    ],
    [
      'has odd names in it',
      'version: 1\npeople: { "a b": { age: -1 }, c: { age: 1.5 } }\n',
      [
        'f.yaml:2:25 people["a b"].age: must be at least 0',
        'f.yaml:2:41 people.c.age: expected a whole number, not 1.5',
      ],
    ],
  ];
  it.each(table)('%s', (_, text, mistakes) => expect(mistakesIn(text).split('\n')).toEqual(mistakes));

  it('cannot grow by aliases of aliases', () => {
    const bomb = `a: &a ${ten('x')}\nb: &b ${ten('*a')}\nc: &c ${ten('*b')}\nd: ${ten('*c')}\nversion: 1\n`;
    expect(mistakesIn(bomb)).toContain('Excessive alias count');
  });

  it('cannot take the reader down by nesting', () => {
    expect(mistakesIn(`version: 1\nrules: ${'['.repeat(50_000)}`)).toContain('f.yaml:2:');
  });

  it('points into what an alias stands for', () => {
    expect(mistakesIn('version: 1\npeople:\n  a: &who { aeg: 1 }\n  b: *who\n')).toContain(
      'f.yaml:3:13 people.b.aeg',
    );
  });
});

describe('a file without mistakes', () => {
  const text = 'version: 1\nidle: 45s\nrules:\n  - id: a\n    effect: block\n    body: 16KiB\n';
  const read = readCheckedYaml(text, schema);
  it('is its value, with the defaults filled in', () => {
    expect(read.ok && read.value).toEqual({
      version: 1,
      idle: 45_000,
      rules: [{ id: 'a', effect: 'block', body: 16_384 }],
    });
  });
  it('still knows where everything stands', () => {
    if (!read.ok) throw new Error('unreadable');
    expect(read.positionOf(['rules', 0, 'effect'])).toEqual({ line: 5, column: 13 });
    expect(read.positionOf(['rules', 0])).toEqual({ line: 4, column: 5 });
    expect(read.positionOf(['rules', 0, 'no-such', 'key'])).toEqual({ line: 4, column: 5 });
  });
  it('takes words such as on, yes and no as the texts they are', () => {
    const words = readCheckedYaml('on: [yes, no, off]', z.strictObject({ on: z.array(z.string()) }));
    expect(words.ok && words.value).toEqual({ on: ['yes', 'no', 'off'] });
  });
});

describe('lengths of time and sizes', () => {
  it.each([
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['45s', 45_000],
    ['500ms', 500],
    ['1d', 86_400_000],
    ['1.5h', 5_400_000],
    [900, 900_000],
    [0, 0],
  ])('%s is %i milliseconds', (written, expected) => expect(durationSchema.parse(written)).toBe(expected));
  it.each([
    '',
    '30',
    '30 minutes',
    '-1m',
    'm',
    '1h30m',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    null,
    '1e9h',
  ])('%s is no length of time', (written) => expect(durationSchema.safeParse(written).success).toBe(false));
  it.each([
    ['1MiB', 1_048_576],
    ['16KiB', 16_384],
    ['250kB', 250_000],
    ['2 GB', 2_000_000_000],
    ['0.5KiB', 512],
    [4096, 4096],
  ])('%s is %i bytes', (written, expected) => expect(byteSizeSchema.parse(written)).toBe(expected));
  it.each(['', '1', '1mb', '-1KiB', '0.3B', -1, 1.5, null])('%s is no size', (written) =>
    expect(byteSizeSchema.safeParse(written).success).toBe(false),
  );
});

describe('the nearest word', () => {
  it.each([
    ['efect', 'effect'],
    ['idle-timeout', 'idle_timeout'],
    ['LAND_ON', 'land_on'],
    ['banana', null],
    ['x', null],
  ])('to %s is %s', (word, expected) =>
    expect(nearestWord(word, ['effect', 'idle_timeout', 'land_on', 'on'])).toBe(expected),
  );
});
