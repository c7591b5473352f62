import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openKeyRing, rotateKeys } from '../../../gateway/delegation/index.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-04-14T16:00:00Z');

async function opened() {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-keys-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const clock = { now: NOON };
  const ring = await openKeyRing(folder, 'EdDSA', () => clock.now);
  const rotate = (atOnce = false) => rotateKeys({ folder, algorithm: 'EdDSA', now: clock.now, atOnce });
  const kids = () => ring.jwks().keys.map(({ kid }) => kid);
  return { folder, clock, ring, rotate, kids };
}

it('publishes a new key at once, signs with it six minutes later, and drops the old one two minutes after', async () => {
  const { folder, clock, ring, rotate, kids } = await opened();
  const old = ring.signing().kid;
  const { file, from } = await rotate();
  expect(from).toBe(NOON + 6 * MINUTE);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await ring.reread();
  const both = kids();
  const fresh = both[1];
  expect(both).toEqual([old, fresh]);
  expect(ring.signing().kid).toBe(old);
  clock.now = from - 1;
  expect(ring.signing().kid).toBe(old);
  clock.now = from;
  expect(ring.signing().kid).toBe(fresh);
  expect(kids()).toEqual([fresh, old]);
  clock.now = from + 2 * MINUTE + 1;
  expect(kids()).toEqual([fresh]);
  // The file goes as well, and a gateway that starts then signs with the same key.
  await ring.reread();
  expect(await readdir(folder)).toEqual(['subject-token-eddsa-from-20260414T160600Z.pem']);
  expect((await openKeyRing(folder, 'EdDSA', () => clock.now)).signing().kid).toBe(fresh);
  await ring.reread();
  expect(kids()).toEqual([fresh]);
});

it('is told one rotation at a time, unless a key leaked', async () => {
  const { clock, ring, rotate, kids } = await opened();
  const old = ring.signing().kid;
  await rotate();
  await expect(rotate()).rejects.toThrow('is on its way already');
  await rotate(true);
  await ring.reread();
  expect(kids()).toHaveLength(3);
  expect(ring.signing().kid).not.toBe(old);
  clock.now += 10 * MINUTE;
  await ring.reread();
  expect(kids()).toHaveLength(1);
});

it('keeps the keys it has when a new one cannot be read, tells so once, and follows when it can', async () => {
  const { folder, ring, rotate, kids } = await opened();
  const before = kids();
  const { file } = await rotate();
  await writeFile(file, 'half a key');
  const told: string[] = [];
  const unfollow = ring.follow((error) => void told.push(String(error)));
  onTestFinished(unfollow);
  await expect.poll(() => told.length, { timeout: 5_000 }).toBe(1);
  expect(told[0]).toContain('subject-token-eddsa-from-');
  expect(told[0]).not.toContain('half a key');
  expect(kids()).toEqual(before);
  await rm(file);
  await rotate();
  await expect.poll(() => kids().length, { timeout: 5_000 }).toBe(2);
  expect(told).toHaveLength(1);
  // Emptied by accident, it signs on.
  for (const name of await readdir(folder)) await rm(join(folder, name));
  await expect(ring.reread()).rejects.toThrow('any more');
  expect(ring.signing().kid).toBe(before[0]);
});
