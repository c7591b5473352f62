/** The house's walls: who may import whom, through which door, and where each dependency lives. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const rooms = ['gateway', 'policy', 'audit-store', 'admin-ui', 'cli', 'fixtures', 'bench'];

/** What each room may import of ours, beside itself. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  policy: [],
  'audit-store': [],
  gateway: ['policy', 'audit-store'],
  'admin-ui': ['policy', 'audit-store', 'gateway'],
  cli: ['policy', 'audit-store', 'gateway', 'admin-ui'],
  fixtures: ['cli'],
  bench: ['cli', 'gateway', 'policy', 'audit-store', 'fixtures'],
};

/** Every package has one home; in a second folder it would begin a second way of doing the same thing. */
const HOMES: Readonly<Record<string, RegExp>> = {
  'better-sqlite3': /^(?:audit-store\/sqlite\/|fixtures\/market\/)/,
  ioredis: /^gateway\/sessions\/redis\/connect\.ts$/,
  pg: /^audit-store\/postgres\/database\.ts$/,
  'tough-cookie': /^gateway\/jar\//,
  'parse5-sax-parser': /^gateway\/decorate\//,
  'prom-client': /^gateway\/metrics\.ts$/,
  nodemailer: /^fixtures\/market\/deliver-mail\.ts$/,
  luxon: /^(?:audit-store\/local-day-range\.ts|audit-store\/csv-file-name\.ts|admin-ui\/)/,
  'fastest-levenshtein': /^policy\/yaml\//,
  yaml: /^policy\//,
  ajv: /^policy\/body\//,
  '@fastify/busboy': /^policy\/body\//,
  graphql: /^policy\/graphql\//,
};

type Import = { readonly from: string; readonly to: string };

function imports(): readonly Import[] {
  const files = globSync(`{${rooms.join(',')}}/**/*.{ts,mjs}`, { cwd: root });
  return files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8');
    const found = source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
    return Array.from(found, (match) => ({ from: file, to: match[1] ?? '' }));
  });
}

const all = imports();
const roomOf = (file: string): string => file.split('/', 1)[0] ?? '';
const ours = all
  .filter(({ to }) => to.startsWith('.'))
  .map(({ from, to }) => ({ from, to: relative(root, resolve(root, dirname(from), to)) }));

describe('the rooms of the house', () => {
  it('are found at all', () => {
    expect(all.length).toBeGreaterThan(300);
  });

  it('import only the rooms they may', () => {
    const wrong = ours.filter(({ from, to }) => {
      return roomOf(from) !== roomOf(to) && !MAY[roomOf(from)]?.includes(roomOf(to));
    });
    expect(wrong).toEqual([]);
  });

  it('are entered by their index, the command line by its serve', () => {
    const doors = /^(?:[a-z-]+\/index\.ts|fixtures\/market\/index\.ts|cli\/(?:serve|until-stopped)\.ts)$/;
    const wrong = ours.filter(({ from, to }) => roomOf(from) !== roomOf(to) && !doors.test(to));
    expect(wrong).toEqual([]);
  });

  it('keep what the two records share above them, and neither imports from the other', () => {
    const [sqlite, postgres] = ['audit-store/sqlite/', 'audit-store/postgres/'];
    const wrong = ours.filter(
      ({ from, to }) =>
        (from.startsWith(sqlite) && to.startsWith(postgres)) ||
        (from.startsWith(postgres) && to.startsWith(sqlite)),
    );
    expect(wrong).toEqual([]);
    expect(ours.some(({ from, to }) => from.startsWith(postgres) && to.startsWith(postgres))).toBe(true);
  });

  it('keep each dependency in its one home', () => {
    const wrong = all.filter(({ from, to }) => {
      const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/', 1)[0] ?? '');
      const home = HOMES[name];
      return home !== undefined && !home.test(from);
    });
    expect(wrong).toEqual([]);
  });

  it('read the environment in one file', () => {
    const reading = globSync('{gateway,policy,audit-store,admin-ui,cli}/**/*.ts', { cwd: root }).filter(
      (file) => readFileSync(join(root, file), 'utf8').includes('process.env'),
    );
    expect(reading).toEqual(['gateway/config/environment.ts']);
  });
});
