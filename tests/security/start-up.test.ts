/**
 * The story: a typo in a policy at midnight, a port that another process held, a disk mounted read-only; and a stack trace
 * of forty lines in which the one that mattered was the thirty-first. What cannot start says why in one line for each
 * mistake, on standard error, with an exit code that a supervisor understands.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run, writeSetup, type Run } from './gateway-process.ts';
import { portOf } from './port-of.ts';

const SETTINGS_WRONG = 78;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'understudy-start-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

type Edit = { gateway?: (yaml: string) => string; policy?: (yaml: string) => string };

function serve(edit: Edit = {}, environment: Record<string, string> = {}, place = folder()): Promise<Run> {
  const configFile = writeSetup(place, edit);
  return run(['serve', '--config', configFile], {
    PORT: '0',
    PRIVATE_PORT: '0',
    LOG_LEVEL: 'silent',
    ...environment,
  });
}

/** A line for each mistake, no trace, nothing on standard output. */
function expectLines({ code, stdout, stderr }: Run, expected: number, patterns: readonly RegExp[]): void {
  const lines = stderr.trimEnd().split('\n');
  expect(code, stderr).toBe(expected);
  expect(stdout).toBe('');
  expect(lines, stderr).toHaveLength(patterns.length);
  for (const [index, pattern] of patterns.entries()) expect(lines[index]).toMatch(pattern);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain('file:///');
}

describe('gateway.yaml', () => {
  test('that is not there', async () => {
    const { code, stderr } = await run(['serve', '--config', join(folder(), 'gateway.yaml')]);
    expect(code).toBe(SETTINGS_WRONG);
    expect(stderr).toMatch(/^\S*gateway\.yaml: cannot be read .*ENOENT.*\n$/);
  });

  test('that is empty', async () => {
    const result = await serve({ gateway: () => '' });
    expect(result.code).toBe(SETTINGS_WRONG);
    expect(result.stderr).toMatch(/gateway\.yaml/);
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  test('with a misspelt key names its line and the nearest right word', async () => {
    expectLines(
      await serve({ gateway: (yaml) => yaml.replace('upstream:\n', 'upstraem:\n') }),
      SETTINGS_WRONG,
      [/gateway\.yaml:\d+:\d+.*upstraem.*"upstream"/],
    );
  });

  test('that contradicts itself', async () => {
    expectLines(
      await serve({ gateway: (yaml) => yaml.replace('port: 8090', 'port: 8080') }),
      SETTINGS_WRONG,
      [/gateway\.yaml:\d+:\d+.*private_listen\.port.*listen\.port/],
    );
    expectLines(
      await serve({ gateway: (yaml) => `${yaml}\ntrusted_proxies: [10.0.0.0/99]\n` }),
      SETTINGS_WRONG,
      [/gateway\.yaml:\d+:\d+.*10\.0\.0\.0\/99/],
    );
  });

  test('that is no YAML, or says a key twice', async () => {
    for (const gateway of [
      (): string => 'version: [',
      (yaml: string): string => `${yaml}\nversion: 1\n`,
      (): string => '\t- x',
      (): string => 'just words',
    ]) {
      const { code, stderr } = await serve({ gateway });
      expect(code, stderr).toBe(SETTINGS_WRONG);
      expect(stderr).toMatch(/gateway\.yaml:\d+:\d+/);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe('policy.yaml', () => {
  test('that is empty, misspelt, or not there', async () => {
    const empty = await serve({ policy: () => '' });
    expect(empty.code).toBe(SETTINGS_WRONG);
    expect(empty.stderr).toMatch(/policy\.yaml/);
    expectLines(
      await serve({ policy: (yaml) => yaml.replace('idle_timeout: 30m', 'idle_timout: 30m') }),
      SETTINGS_WRONG,
      [/policy\.yaml:\d+:\d+.*idle_timout.*idle_timeout/],
    );
    expectLines(
      await serve({ policy: (yaml) => yaml.replace('effect: confirm', 'effect: confrim') }),
      SETTINGS_WRONG,
      [/policy\.yaml:\d+:\d+.*confrim.*confirm/],
    );
    expectLines(
      await serve({ gateway: (yaml) => yaml.replace('policy: ./policy.yaml', 'policy: ./nowhere.yaml') }),
      SETTINGS_WRONG,
      [/nowhere\.yaml: cannot be read/],
    );
  });

  test('that contradicts itself', async () => {
    const twice = await serve({ policy: (yaml) => yaml.replace('id: add-card', 'id: change-password') });
    expectLines(twice, SETTINGS_WRONG, [/policy\.yaml:\d+:\d+.*change-password/]);
    const times = await serve({
      policy: (yaml) => yaml.replace('idle_timeout: 30m', 'idle_timeout: 3h'),
    });
    expectLines(times, SETTINGS_WRONG, [/policy\.yaml:\d+:\d+.*(?:idle|absolute)_timeout/]);
  });

  test('mistakes of both files and of the environment are reported together', async () => {
    const result = await serve(
      {
        gateway: (yaml) => yaml.replace('kind: introspect', 'kind: introspekt'),
        policy: (yaml) => yaml.replace('effect: confirm', 'effect: confrim'),
      },
      { PORT: 'eighty' },
    );
    expect(result.code).toBe(SETTINGS_WRONG);
    for (const pattern of [
      /^environment: PORT/m,
      /gateway\.yaml:\d+:\d+.*introspekt/m,
      /policy\.yaml:\d+:\d+.*confrim/m,
    ])
      expect(result.stderr).toMatch(pattern);
  });
});

describe('the environment', () => {
  test('with values that are none', async () => {
    for (const [name, value] of [
      ['PORT', '99999'],
      ['PRIVATE_PORT', 'x'],
      ['UPSTREAM_URL', 'ftp://x.example'],
      ['LOG_LEVEL', 'loud'],
    ] as const) {
      expectLines(await serve({}, { [name]: value }), SETTINGS_WRONG, [
        new RegExp(`^environment: ${name}: `),
      ]);
    }
  });

  test('that asks both listeners onto one port', async () => {
    const { code, stderr } = await serve({}, { PORT: '18999', PRIVATE_PORT: '18999' });
    expect(code, stderr).not.toBe(0);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('the machine', () => {
  test('with the port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const port = String(portOf(other));
    expectLines(await serve({}, { PORT: port }), 1, [new RegExp(`^understudy: .*${port}`)]);
    expectLines(await serve({}, { PRIVATE_PORT: port }), 1, [new RegExp(`^understudy: .*${port}`)]);
  });

  test('with a data folder that cannot be written', async () => {
    const place = folder();
    writeFileSync(join(place, 'data'), 'a file where a folder should be');
    expectLines(await serve({}, {}, place), 1, [/^understudy: .*data/]);
    if (process.getuid?.() === 0) return;
    const readOnly = folder();
    mkdirSync(join(readOnly, 'data'));
    chmodSync(join(readOnly, 'data'), 0o500);
    expectLines(await serve({}, {}, readOnly), 1, [/^understudy: .*data/]);
  });
});

describe('the command line', () => {
  test('that says nothing we understand', async () => {
    expectLines(await run(['srve']), 2, [/^understudy: .*srve/]);
    expectLines(await run(['serve', '--confg', 'x']), 2, [/^understudy: .*confg/]);
  });
});
