/** Too old a Node must say so in one line, not fail on the first type annotation. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const file = resolve(import.meta.dirname, '../../bin/require-node.mjs');

function startedWith(version: string): { status: number | null; stderr: string } {
  const script = `Object.defineProperty(process.versions, 'node', { value: '${version}' });
    const { requireNode } = await import('${file}');
    requireNode();`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

it.each(['18.19.0', '20.20.2', '22.23.3', '24.8.0'])('Node %s is turned away in one line', (version) => {
  const { status, stderr } = startedWith(version);
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain(`understudy needs Node 24.9 or newer; this is ${version}`);
});

it.each(['24.9.0', '26.10.0', '30.0.0'])('Node %s is let in', (version) => {
  expect(startedWith(version)).toEqual({ status: 0, stderr: '' });
});
