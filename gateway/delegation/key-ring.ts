/** The keys that sign subject tokens: made at first start, read from the key folder, published without their private half. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { access, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import type { SigningAlgorithm } from './delegation-schema.ts';
import { createKeyFile, hasCode, KeysUnusableError, readKeyFile } from './key-file.ts';

export type SigningKey = {
  /** RFC 7638 thumbprint: the same key has the same id on every machine. */
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
};

export type KeyRing = {
  /** The key that signs now. */
  readonly signing: SigningKey;
  /** Public keys (RFC 7517) of every key in the folder: those that signed before must verify until their tokens are dead. */
  readonly jwks: { readonly keys: readonly JWK[] };
};

const names: Readonly<Record<SigningAlgorithm, string>> = {
  EdDSA: 'subject-token-eddsa.pem',
  ES256: 'subject-token-es256.pem',
};

/**
 * Opens the folder, makes it (0700) and the key (0600) if they are not there yet. Every `subject-token-*.pem` in it is
 * published; the one named for the algorithm signs.
 * @throws KeysUnusableError with one clear line when anything about the folder or a key is not safe or not readable
 */
export async function openKeyRing(folder: string, algorithm: SigningAlgorithm): Promise<KeyRing> {
  try {
    await prepareFolder(folder);
    const signingFile = join(folder, names[algorithm]);
    if (!(await exists(signingFile))) await createKeyFile(signingFile, algorithm);
    const signing = await readKey(signingFile);
    if (signing.algorithm !== algorithm) {
      throw new KeysUnusableError(`${signingFile} is a key for ${signing.algorithm}, not for ${algorithm}`);
    }
    const others = (await readdir(folder))
      .filter((name) => /^subject-token-.*\.pem$/.test(name) && name !== names[algorithm])
      .toSorted()
      .map((name) => readKey(join(folder, name)));
    const keys = [signing, ...(await Promise.all(others))];
    return { signing, jwks: { keys: await Promise.all(keys.map(publicJwk)) } };
  } catch (error) {
    if (error instanceof KeysUnusableError) throw error;
    const why = error instanceof Error ? error.message : 'unknown error';
    throw new KeysUnusableError(`the key folder ${folder} cannot be used: ${why}`, { cause: error });
  }
}

async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await stat(folder);
  // Whoever can write here can put a key of their own in place, and seat themselves anywhere.
  if ((found.mode & 0o022) !== 0) {
    throw new KeysUnusableError(`${folder} can be written by others; run: chmod 700 ${folder}`);
  }
}

async function readKey(file: string): Promise<SigningKey> {
  const { key, algorithm } = await readKeyFile(file);
  const kid = await calculateJwkThumbprint(await exportJWK(createPublicKey(key)), 'sha256');
  return { kid, algorithm, privateKey: key };
}

async function publicJwk(key: SigningKey): Promise<JWK> {
  const jwk = await exportJWK(createPublicKey(key.privateKey));
  return { ...jwk, kid: key.kid, alg: key.algorithm, use: 'sig' };
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
