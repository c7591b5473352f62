/** The tables of docs/settling.md and the gateway say the same: every example is asked about, and no fault is missing. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unsettled } from '../../../gateway/refusal.ts';
import { PATH_KEYS, PATH_RELAXATIONS, settlingWarnings } from '../../../gateway/settle/relaxations.ts';
import { settlingSchema } from '../../../gateway/settle/settling-schema.ts';
import { settleLines, settleOnly } from './parsed.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/settling.md'), 'utf8');
const configuration = readFileSync(join(root, 'docs/configuration.md'), 'utf8').replaceAll(/ +/g, ' ');

/** Rows of the table under a heading, cell by cell. */
function rows(heading: string): readonly (readonly string[])[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks; `{n}` in a target is so many letters, alone so many header lines. */
function linesOf(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, text = '']) => {
    const many = /^\{(\d+)\}$/.exec(text)?.[1];
    if (many !== undefined) return Array.from({ length: Number(many) }, (_, index) => `X-${index}: y`);
    return [text.replace(/\{(\d+)\}/, (_, count: string) => 'x'.repeat(Number(count)))];
  });
}

const bare = (cell = ''): string => cell.replaceAll('`', '');
const keys = PATH_KEYS;

describe('refused for everyone', () => {
  test.each(rows('Refused for everyone'))('%s', async (_what, example = '', fault, status) => {
    const request = await settleOnly(linesOf(example));
    const found = request.kind === 'unsettled' ? request.fault : null;
    expect(found).toBe(bare(fault));
    expect(found === null ? null : unsettled(found).status).toBe(Number(status));
  });
});

describe('refused while acting', () => {
  test.each(rows('Refused while acting'))('%s', async (_what, example = '', fault, status, relaxed = '') => {
    const found = await settleLines(linesOf(example));
    expect(found).toEqual({ fault: bare(fault) });
    expect('fault' in found ? unsettled(found.fault).status : null).toBe(Number(status));
    expect((await settleOnly(linesOf(example))).kind, 'ordinary traffic goes on').toBe('settled');
    const key = keys.find((one) => `\`${one}\`` === relaxed);
    const everything = Object.fromEntries(keys.map((one) => [one, 'allow']));
    const allowed = await settleLines(linesOf(example), key === undefined ? everything : { [key]: 'allow' });
    expect('fault' in allowed, 'only its own key lets it through').toBe(key === undefined);
  });

  test('every fault that settling can find is on the page', () => {
    const code = ['gateway/settle/settle.ts', 'gateway/settle/strict.ts']
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join();
    const ofPaths =
      readFileSync(join(root, 'policy/path.ts'), 'utf8').split('PathFault =')[1]?.split(';')[0] ?? '';
    const found = [
      ...code.matchAll(
        /(?:unsettled\(|return |fault(?:: | \?\?= )|\? |: )'([a-z0-9]+_[a-z0-9_]+|framing|upgrade|query|expectation)'/g,
      ),
      ...ofPaths.matchAll(/'(\w+)'/g),
    ];
    const onPage = new Set(
      [...rows('Refused for everyone'), ...rows('Refused while acting')].map(([, , fault]) => bare(fault)),
    );
    expect(new Set(found.map(([, fault]) => fault))).toEqual(onPage);
  });
});

describe('what keeps working while acting', () => {
  test.each(rows('What keeps working while acting'))('%s', async (_what, example = '', up) => {
    const outcome = await settleLines(linesOf(example));
    expect('fault' in outcome ? outcome.fault : outcome.settled.path.canonical + outcome.strict.query).toBe(
      bare(up),
    );
  });
});

describe('what can be loosened', () => {
  const table = rows('What can be loosened');

  test('is all on the page, with all its values, and in the configuration manual', () => {
    expect(Object.keys(PATH_RELAXATIONS)).toEqual([...keys]);
    expect(table.map(([key]) => bare(key))).toEqual(keys.map((key) => `settling.${key}`));
    for (const [key = '', values = ''] of table) {
      const name = bare(key).replace('settling.', '');
      for (const value of bare(values).split(', '))
        expect(settlingSchema.safeParse({ [name]: value }).success, `${name}: ${value}`).toBe(true);
      expect(configuration).toContain(`| ${key} | \`refuse\` |`);
    }
    expect(configuration).toContain('| `settling.method_override` | `strip` |');
  });

  test('is refused unless it is asked for, and nothing is loosened silently', () => {
    const strict = settlingSchema.parse({});
    expect(settlingWarnings(strict)).toEqual([]);
    for (const key of keys) {
      const [warning, ...more] = settlingWarnings({ ...strict, [key]: 'allow' });
      expect(more).toEqual([]);
      expect(warning).toMatch(new RegExp(`^settling\\.${key} is "allow": `));
    }
    expect(settlingWarnings({ ...strict, empty_segments: 'merge' })).toHaveLength(1);
    expect(settlingWarnings({ ...strict, method_override: 'match' })).toHaveLength(1);
    expect(settlingWarnings({ ...strict, method_override: 'refuse' })).toEqual([]);
  });
});
