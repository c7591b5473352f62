/**
 * The story: keys are renewed on a working afternoon, with people acting. Nobody's request fails, before, while and
 * after the new key takes over, and once no token of the old one is alive it is published no more.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { noteVerifier, parseVerifier, verifierText } from '../../audit-store/index.ts';
import { readCheckpointKey, rotateKeys } from '../../gateway/index.ts';
import { folderWith, understudy } from '../cli/understudy.ts';
import { MINUTE, startSystem, type System } from '../system.ts';
import { visitor } from '../visitor.ts';

let system: System;
afterEach(() => system.close());

async function kids(): Promise<readonly string[]> {
  const answer = await fetch(`${system.url}/_act-as/jwks.json`);
  return z
    .object({ keys: z.array(z.object({ kid: z.string() })) })
    .parse(await answer.json())
    .keys.map(({ kid }) => kid);
}

test('no request fails while the running gateway goes from one key to the next', async () => {
  system = await startSystem();
  const folder = join(system.folder, 'data/keys');
  const [old = ''] = await kids();
  await rotateKeys({ folder, algorithm: 'EdDSA', now: system.now(), atOnce: false });
  await expect.poll(kids, { timeout: 5_000 }).toHaveLength(2);

  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  await mia.actAs('u-sam');
  const signing = new Set<string>();
  for (let at = 0; at < 12 * MINUTE; at += 20_000) {
    await system.pass(20_000);
    expect([at, (await mia.get('/api/cart')).status]).toEqual([at, 200]);
    signing.add((await kids())[0] ?? '');
  }
  expect(signing.size).toBe(2);
  await expect
    .poll(() => existsSync(join(folder, 'subject-token-eddsa.pem')), { timeout: 5_000 })
    .toBe(false);
  expect(await kids()).toHaveLength(1);
  expect(await kids()).not.toContain(old);
  expect((await mia.get('/api/cart')).status).toBe(200);
});

test('the command renews the key of a gateway that runs', async () => {
  system = await startSystem();
  const before = await kids();
  const run = await understudy(system.folder, 'keys', 'rotate');
  expect([run.code, run.err]).toEqual([0, '']);
  expect(run.out).toMatch(
    /subject-token-eddsa-from-\S+\.pem is published from now on, and signs from \S+Z\n$/,
  );
  await expect.poll(kids, { timeout: 5_000 }).toHaveLength(2);
  expect((await kids())[0]).toBe(before[0]);
  const again = await understudy(system.folder, 'keys', 'rotate');
  expect(again.code).toBe(1);
  expect(again.err).toMatch(/^understudy: .* is on its way already\n$/);
});

test('the command shows whose signature checkpoints bear, and never the key itself', async () => {
  system = await startSystem();
  const file = join(system.folder, 'data/keys/checkpoint-ed25519.pem');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const run = await understudy(system.folder, 'keys', 'verifier');
  expect([run.code, run.err]).toEqual([0, '']);
  expect(parseVerifier(run.out)).not.toBeNull();
  const key = await readCheckpointKey(join(system.folder, 'data/keys'));
  expect(run.out).toBe(`${verifierText(noteVerifier('understudy/audit', key))}\n`);
  expect(run.out).not.toContain(readFileSync(file, 'utf8').split('\n')[1]);
});

test('commands on keys name what is wrong with the configuration, and what they know', async () => {
  system = await startSystem();
  const folder = folderWith({ 'gateway.yaml': 'version: 2' });
  expect(await understudy(folder, 'keys', 'rotate')).toMatchObject({ code: 78, out: '' });
  expect(await understudy(folder, 'keys', 'lose')).toEqual({
    code: 2,
    out: '',
    err: 'understudy: understudy keys knows: rotate, verifier\n',
  });
});
