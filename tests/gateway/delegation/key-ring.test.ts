import { generateKeyPairSync } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeysUnusableError, openKeyRing } from '../../../gateway/delegation/index.ts';

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-keys-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'deep', 'keys');
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

async function withKey() {
  const folder = await freshFolder();
  await openKeyRing(folder, 'EdDSA');
  return { folder, file: join(folder, 'subject-token-eddsa.pem') };
}

const refusal = async (folder: string): Promise<string> => {
  const error: unknown = await openKeyRing(folder, 'EdDSA').catch((thrown: unknown) => thrown);
  return error instanceof KeysUnusableError ? error.message : 'not refused';
};

describe('the key ring at first start', () => {
  it('makes a folder and a key that nobody else can read', async () => {
    const folder = await freshFolder();
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    await openKeyRing(folder, 'EdDSA');
    expect(await modeOf(folder)).toBe('700');
    expect(await readdir(folder)).toEqual(['subject-token-eddsa.pem']);
    expect(await modeOf(join(folder, 'subject-token-eddsa.pem'))).toBe('600');
    expect(await readFile(join(folder, 'subject-token-eddsa.pem'), 'utf8')).toMatch(
      /^-----BEGIN PRIVATE KEY-----\n/,
    );
  });

  it.each(['EdDSA', 'ES256'] as const)('finds the same %s key at every later start', async (algorithm) => {
    const folder = await freshFolder();
    const first = await openKeyRing(folder, algorithm);
    const second = await openKeyRing(folder, algorithm);
    expect(second.signing().kid).toBe(first.signing().kid);
    expect(second.jwks()).toEqual(first.jwks());
  });

  it('agrees on one key when many gateways start at once', async () => {
    const folder = await freshFolder();
    const rings = await Promise.all(Array.from({ length: 12 }, () => openKeyRing(folder, 'EdDSA')));
    expect(new Set(rings.map(({ signing }) => signing().kid)).size).toBe(1);
    expect(await readdir(folder)).toEqual(['subject-token-eddsa.pem']);
  });
});

describe('the published keys', () => {
  it.each([
    ['EdDSA', ['alg', 'crv', 'kid', 'kty', 'use', 'x']],
    ['ES256', ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
  ] as const)('of %s hold the public half and an RFC 7638 thumbprint as id', async (algorithm, members) => {
    const ring = await openKeyRing(await freshFolder(), algorithm);
    const jwks = ring.jwks();
    const signing = ring.signing();
    expect(jwks.keys).toHaveLength(1);
    const [jwk = {}] = jwks.keys;
    expect(Object.keys(jwk).toSorted()).toEqual(members);
    expect(jwk).toMatchObject({ alg: algorithm, use: 'sig', kid: signing.kid });
    expect(await calculateJwkThumbprint(jwk)).toBe(signing.kid);
  });

  it('still hold keys that signed before, so that their last tokens verify', async () => {
    const folder = await freshFolder();
    const before = await openKeyRing(folder, 'EdDSA');
    await rename(join(folder, 'subject-token-eddsa.pem'), join(folder, 'subject-token-old.pem'));
    const after = await openKeyRing(folder, 'EdDSA');
    expect(after.signing().kid).not.toBe(before.signing().kid);
    expect(after.jwks().keys.map(({ kid }) => kid)).toEqual([after.signing().kid, before.signing().kid]);
    const other = await openKeyRing(folder, 'ES256');
    expect(other.signing().algorithm).toBe('ES256');
    expect(other.jwks().keys).toHaveLength(3);
  });
});

describe('a key folder that cannot be trusted', () => {
  it.each([0o640, 0o604, 0o660, 0o644])(
    'is refused when the key has mode %o, with the way out',
    async (mode) => {
      const { folder, file } = await withKey();
      await chmod(file, mode);
      expect(await refusal(folder)).toBe(
        `${file} can be read by others (mode 0${mode.toString(8)}); run: chmod 600 ${file}`,
      );
    },
  );

  it.each([0o770, 0o702, 0o777])('is refused when others can write the folder (mode %o)', async (mode) => {
    const { folder } = await withKey();
    await chmod(folder, mode);
    expect(await refusal(folder)).toBe(`${folder} can be written by others; run: chmod 700 ${folder}`);
  });

  it.each([
    ['empty', ''],
    ['rubbish', 'not a key'],
    ['cut short', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw'],
  ])('is refused when the key is %s, without quoting it', async (_, text) => {
    const { folder, file } = await withKey();
    await writeFile(file, text);
    expect(await refusal(folder)).toBe(`${file} is not an unencrypted private key in PEM`);
  });

  it('is refused when the key is of another kind', async () => {
    const { folder, file } = await withKey();
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    await writeFile(file, rsa.export({ type: 'pkcs8', format: 'pem' }));
    expect(await refusal(folder)).toBe(`${file} is neither an Ed25519 nor a P-256 key`);
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    await writeFile(file, p256.export({ type: 'pkcs8', format: 'pem' }));
    expect(await refusal(folder)).toBe(`${file} is a key for ES256, not for EdDSA`);
  });

  it('is refused when an older key in it is broken, rather than leaving its tokens unverifiable in silence', async () => {
    const { folder } = await withKey();
    await writeFile(join(folder, 'subject-token-old.pem'), 'rubbish', { mode: 0o600 });
    expect(await refusal(folder)).toContain('subject-token-old.pem');
  });

  it('is refused in one line when it is a file or cannot be made', async () => {
    const { folder, file } = await withKey();
    expect(await refusal(file)).toMatch(/^the key folder .* cannot be used: .*EEXIST/);
    expect(await refusal(join(file, 'below'))).toMatch(/^the key folder .* cannot be used: .*ENOTDIR/);
    await mkdir(join(folder, 'links'));
    await symlink('/nowhere/at/all', join(folder, 'links', 'subject-token-eddsa.pem'));
    expect(await refusal(join(folder, 'links'))).toMatch(/cannot be used/);
  });
});
