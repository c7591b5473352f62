/** `audit.checkpoints` in gateway.yaml: what is wrong with it is said at start, and not when the first is due. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../gateway/index.ts';
import { folderWith } from '../cli/understudy.ts';

const root = resolve(import.meta.dirname, '../..');

function load(checkpoints: string) {
  const folder = folderWith({
    'gateway.yaml': readFileSync(join(root, 'gateway.yaml'), 'utf8').replace(
      'audit: { file: ./data/audit.db }',
      `audit: { checkpoints: ${checkpoints} }`,
    ),
    'policy.yaml': readFileSync(join(root, 'policy.yaml'), 'utf8'),
  });
  const loaded = loadConfig(join(folder, 'gateway.yaml'), {});
  return loaded.ok ? { folder, audit: loaded.config.audit } : loaded.report;
}

describe('checkpoints', () => {
  it('come every thousand rows or ten minutes, and stay here, unless something else is said', () => {
    expect(load('{}')).toMatchObject({
      audit: { checkpoints: { origin: 'understudy/audit', every_rows: 1000, every: 600_000 } },
    });
  });

  it('go to a file named from where gateway.yaml stands', () => {
    const loaded = load('{ file: ./copies.txt, every: 5m }');
    if (typeof loaded === 'string') throw new Error(loaded);
    expect(loaded.audit).toMatchObject({
      file: join(loaded.folder, 'data/audit.db'),
      checkpoints: { file: join(loaded.folder, 'copies.txt'), every: 300_000 },
    });
  });

  it.each([
    ['{ origin: market example }', 'a name without spaces and plus signs'],
    ['{ origin: a+b }', 'a name without spaces and plus signs'],
    ['{ every_rows: 0 }', 'every_rows'],
    ['{ every: 10ms }', 'every'],
    ['{ webhook: "ftp://elsewhere.example" }', 'webhook'],
    ['{ webhook: "https://me:secret@elsewhere.example/hook" }', 'without a name and password'],
    ['{ each: 5m }', 'each'],
  ])('%s is refused', (written, mistake) => {
    const report = load(written);
    expect(report).toEqual(expect.any(String));
    expect(report).toContain(mistake);
    expect(report).not.toContain('me:secret');
  });
});
