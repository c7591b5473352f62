/** The story: the key that seals sessions had to be renewed on a working afternoon, and every seat was lost over it. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rotateSealKey } from '../../../../gateway/sessions/index.ts';
import { createSeal, type Seal } from '../../../../gateway/sessions/redis/seal.ts';
import { openSealKeys, type SealKeyRing } from '../../../../gateway/sessions/redis/seal-keys.ts';

const MINUTE = 60_000;
const KEPT = 60 * MINUTE;
const NOON = Date.parse('2026-04-18T12:00:00Z');

function place() {
  const made = mkdtempSync(join(tmpdir(), 'understudy-seal-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  const folder = join(made, 'keys');
  const clock = { now: NOON };
  return {
    folder,
    clock,
    open: (): Promise<SealKeyRing> => openSealKeys({ folder, now: () => clock.now, keptMs: KEPT }),
    rotate: (atOnce = false) => rotateSealKey({ folder, now: clock.now, atOnce }),
  };
}

const sealOf = (keys: SealKeyRing): Seal => createSeal(keys, randomBytes);
/** Which key it was. */
const idOf = (sealed: string): string => Buffer.from(sealed, 'base64url').subarray(0, 4).toString('hex');

test('is made once, for the owner alone, and is the same for every gateway that shares the folder', async () => {
  const { folder, open } = place();
  const [one, two] = await Promise.all([open(), open()]);
  expect(sealOf(two).open(sealOf(one).close('a session', 's1'), 's1')).toBe('a session');
  expect(one.sealing().bytes).toHaveLength(32);
  expect(readdirSync(folder)).toEqual(['session-seal.key']);
  expect(statSync(join(folder, 'session-seal.key')).mode & 0o777).toBe(0o600);
});

test('others that stand beside it open and never seal, and are refused where others could read them', async () => {
  const { folder, open } = place();
  const own = (await open()).sealing();
  const old = join(folder, 'session-seal-2025.key');
  writeFileSync(old, randomBytes(32).toString('base64url'), { mode: 0o600 });
  const keys = await open();
  expect(keys.sealing().id).toEqual(own.id);
  rmSync(join(folder, 'session-seal.key'));
  const alone = await open();
  expect(alone.sealing().id).not.toEqual(own.id);
  expect(readdirSync(folder).toSorted()).toEqual(['session-seal-2025.key', 'session-seal.key']);
  chmodSync(old, 0o644);
  await expect(open()).rejects.toThrow('can be read by others');
  writeFileSync(old, 'short', { mode: 0o600 });
  chmodSync(old, 0o600);
  await expect(open()).rejects.toThrow('is not a key of 32 bytes');
});

test('a new one opens at once and seals six minutes later; the old one opens until nothing of it can be left', async () => {
  const { folder, clock, open, rotate } = place();
  const [here, there] = [await open(), await open()];
  const before = sealOf(here).close('begun before', 's1');
  const { file, from } = await rotate();
  expect(from).toBe(NOON + 6 * MINUTE);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await there.reread();
  clock.now = from - 1;
  expect(idOf(sealOf(there).close('x', 's2'))).toBe(idOf(before));
  await here.reread();
  // The clock of one is a moment ahead of the other's.
  clock.now = from;
  const after = sealOf(there).close('begun after', 's2');
  expect(idOf(after)).not.toBe(idOf(before));
  clock.now = from - 1;
  expect(sealOf(here).open(after, 's2')).toBe('begun after');

  clock.now = from + KEPT;
  await here.reread();
  expect(sealOf(here).open(before, 's1')).toBe('begun before');
  expect(sealOf(await open()).open(before, 's1')).toBe('begun before');
  clock.now = from + KEPT + 1;
  // Also by a gateway that has not looked into the folder since.
  expect(sealOf(here).open(before, 's1')).toBeNull();
  await here.reread();
  expect(readdirSync(folder)).toEqual(['session-seal-from-20260418T120600Z.key']);
  expect(sealOf(await open()).open(after, 's2')).toBe('begun after');
  expect(readdirSync(folder)).toHaveLength(1);
});

test('is renewed once at a time, unless it leaked: then seconds later, as soon as every gateway has read the folder', async () => {
  const { clock, open, rotate } = place();
  const keys = await open();
  const old = keys.sealing().id;
  await rotate();
  await expect(rotate()).rejects.toThrow('is on its way already');
  const { from } = await rotate(true);
  expect(from).toBe(NOON + 5000);
  await keys.reread();
  expect(keys.sealing().id).toEqual(old);
  clock.now = from;
  const second = keys.sealing().id;
  expect(second).not.toEqual(old);
  clock.now = NOON + 6 * MINUTE;
  expect(keys.sealing().id).not.toEqual(second);
  expect(keys.opening(second)).toBeDefined();
  expect(keys.opening(old)).toBeDefined();
});

test('a folder that was emptied by accident changes nothing for a gateway that runs', async () => {
  const { folder, open } = place();
  const keys = await open();
  const seal = sealOf(keys);
  rmSync(join(folder, 'session-seal.key'));
  await expect(keys.reread()).rejects.toThrow('there is no key that seals');
  expect(seal.open(seal.close('goes on', 's1'), 's1')).toBe('goes on');
});
