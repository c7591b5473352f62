/** A followed file is noticed however it is written; what else goes on in its folder neither counts nor delays it. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followFile } from '../../gateway/follow-file.ts';

let folder: string;
let seen: number;
let unfollow: () => void;
let noise: NodeJS.Timeout | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'follow-'));
  seen = 0;
  writeFileSync(join(folder, 'policy.yaml'), 'a');
  unfollow = followFile(join(folder, 'policy.yaml'), {
    onChange: () => void (seen += 1),
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(() => {
  clearInterval(noise);
  unfollow();
  rmSync(folder, { recursive: true, force: true });
});

async function expectNoticed(times: number): Promise<void> {
  await expect.poll(() => seen, { timeout: 3_000 }).toBe(times);
}

it('notices a file that is written, replaced and removed', async () => {
  writeFileSync(join(folder, 'policy.yaml'), 'b');
  await expectNoticed(1);
  writeFileSync(join(folder, 'new'), 'c');
  renameSync(join(folder, 'new'), join(folder, 'policy.yaml'));
  await expectNoticed(2);
  rmSync(join(folder, 'policy.yaml'));
  await expectNoticed(3);
});

it('takes several steps of one writer for one change', async () => {
  for (const text of ['b', 'bc', 'bcd']) writeFileSync(join(folder, 'policy.yaml'), text);
  await expectNoticed(1);
});

it('does not count what happens to other files', async () => {
  const others = new Promise<void>((done, fail) => {
    // A follower of the other file, begun later, says when this one would long have spoken.
    const end = followFile(join(folder, 'audit.db-wal'), {
      onChange: () => {
        end();
        done();
      },
      onError: fail,
    });
  });
  writeFileSync(join(folder, 'audit.db-wal'), 'x');
  await others;
  expect(seen).toBe(0);
});

it('notices the swap of a ConfigMap, which touches no file of that name', async () => {
  for (const version of ['..1', '..2']) mkdirSync(join(folder, version));
  symlinkSync('..1', join(folder, '..data'));
  await expectNoticed(1);
  symlinkSync('..2', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  await expectNoticed(2);
});

it('does not wait for ever for a file that is written all the time', async () => {
  noise = setInterval(() => writeFileSync(join(folder, 'policy.yaml'), 'again'), 20);
  await expect.poll(() => seen, { timeout: 3_000 }).toBeGreaterThan(0);
});
