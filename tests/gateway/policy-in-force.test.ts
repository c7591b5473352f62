/** A policy that cannot be read is told of once, and no trouble with telling it keeps the next one from coming into force. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AuditUnavailableError, openSqliteAuditStore, type PolicyChange } from '../../audit-store/index.ts';
import { createLog, createPolicyInForce, type PolicyInForce } from '../../gateway/index.ts';
import { followFile } from '../../gateway/follow-file.ts';
import { loadPolicy } from '../../policy/index.ts';

const TEXT = readFileSync(resolve(import.meta.dirname, '../../policy.yaml'), 'utf8');
const OTHER = TEXT.replace('idle_timeout: 30m', 'idle_timeout: 20m');

let folder: string;
let file: string;
let written: PolicyChange[];
let trouble: Error | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-in-force-'));
  file = join(folder, 'policy.yaml');
  writeFileSync(file, TEXT);
  written = [];
  trouble = null;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function inForce(onRecord: (change: PolicyChange) => Promise<void> = async () => undefined): PolicyInForce {
  const loaded = loadPolicy(TEXT);
  if (!loaded.ok) throw new Error('the shipped policy cannot be loaded');
  return createPolicyInForce({
    file,
    policy: loaded.policy,
    audit: {
      async policyChanged(change) {
        if (trouble !== null) throw trouble;
        written.push(change);
        await onRecord(change);
      },
    },
    clock: { now: () => 0 },
    log: createLog('silent'),
  });
}

/** Resolves when a change of this other file has been noticed. */
function seen(other: string): Promise<void> {
  return new Promise((done, fail) => {
    const end = followFile(other, {
      onChange: () => {
        end();
        done();
      },
      onError: fail,
    });
    writeFileSync(other, '');
  });
}

it('records once that the file cannot be read, and again when it is back', async () => {
  const policy = inForce();
  rmSync(file);
  for (const by of ['file', 'file', 'signal'] as const) await policy.reload(by);
  expect(written.map(({ problem }) => problem !== null)).toEqual([false, true]);
  expect(policy.current().lastFailure?.report).toContain('cannot be read');
  writeFileSync(file, TEXT);
  await policy.reload('file');
  expect(written.map(({ problem }) => problem !== null)).toEqual([false, true, false]);
  expect(policy.current().lastFailure).toBeNull();
});

it('does not follow its own rows, where the record is kept beside it', async () => {
  const store = await openSqliteAuditStore({ file: join(folder, 'audit.db'), clock: { now: () => 0 } });
  const policy = inForce((change) => store.policyChanged(change));
  const unfollow = policy.follow();
  try {
    rmSync(file);
    await expect.poll(() => written.length, { timeout: 3_000 }).toBe(2);
    // Twice as long as a follower of the same folder needs to speak.
    for (const mark of ['first mark', 'second mark']) await seen(join(folder, mark));
    expect(written).toHaveLength(2);
    writeFileSync(file, OTHER);
    await expect
      .poll(() => policy.current().policy.settings.idleTimeoutMs, { timeout: 3_000 })
      .toBe(1_200_000);
    expect(written.map(({ problem }) => problem !== null)).toEqual([false, true, false]);
  } finally {
    unfollow();
    await store.close();
  }
});

it.each([new AuditUnavailableError('full'), new TypeError('a defect')])(
  'goes on after the record failed with %s',
  async (error) => {
    const policy = inForce();
    trouble = error;
    writeFileSync(file, OTHER);
    await policy.reload('file');
    expect(policy.current().policy.settings.idleTimeoutMs).toBe(1_200_000);
    trouble = null;
    writeFileSync(file, TEXT);
    await policy.reload('file');
    expect(policy.current().policy.settings.idleTimeoutMs).toBe(1_800_000);
    expect(written.at(-1)).toMatchObject({ loaded_by: 'file', problem: null });
  },
);
