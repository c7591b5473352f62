/** One private key in one file that nobody but the gateway's own user may read. */
import { createPrivateKey, generateKeyPair, randomUUID, type KeyObject } from 'node:crypto';
import { link, open, readFile, stat, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { SigningAlgorithm } from './delegation-schema.ts';

/** Thrown at start, with one line for the person who starts the gateway. */
export class KeysUnusableError extends Error {
  override readonly name = 'KeysUnusableError';
}

const generate = promisify(generateKeyPair);

/** Reads a PKCS#8 PEM file, or refuses it: for everybody to read, broken, or of a kind that signs nothing of ours. */
export async function readKeyFile(file: string): Promise<{ key: KeyObject; algorithm: SigningAlgorithm }> {
  const key = parse(file, await readPrivateFile(file));
  const algorithm = algorithmOf(key);
  if (algorithm === null) throw new KeysUnusableError(`${file} is neither an Ed25519 nor a P-256 key`);
  return { key, algorithm };
}

/** What stands in a file, unless others can read it too. */
export async function readPrivateFile(file: string): Promise<Buffer> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    throw new KeysUnusableError(`${file} can be read by others (mode ${shown}); run: chmod 600 ${file}`);
  }
  return readFile(file);
}

/** Makes a signing key and puts it under this name, as {@link placePrivateFile} does. */
export async function createKeyFile(file: string, algorithm: SigningAlgorithm): Promise<void> {
  const { privateKey } =
    algorithm === 'EdDSA' ? await generate('ed25519') : await generate('ec', { namedCurve: 'P-256' });
  await placePrivateFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/**
 * Puts a secret under this name, unless the name is taken: then what stands there is left alone.
 * Whole or not at all, so two gateways that start at once read the same key.
 */
export async function placePrivateFile(file: string, contents: string | Buffer): Promise<void> {
  const draft = `${file}.${randomUUID()}.draft`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(contents);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function parse(file: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // The library's own text is left out: it may quote the file.
    throw new KeysUnusableError(`${file} is not an unencrypted private key in PEM`);
  }
}

function algorithmOf(key: KeyObject): SigningAlgorithm | null {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  return null;
}
