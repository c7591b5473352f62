/** The keys that sign subject tokens: made at first start, read from the key folder, published without their private half. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import type { SigningAlgorithm } from './delegation-schema.ts';
import { createKeyFile, KeysUnusableError, readKeyFile } from './key-file.ts';
import { inKeyFolder, prepareKeyFolder } from './key-folder.ts';
import { isDead, keyName, type KeyName, parseKeyName, signingAt } from './key-schedule.ts';

export type SigningKey = {
  /** RFC 7638 thumbprint: the same key has the same id on every machine. */
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
};

export type KeyRing = {
  /** The key that signs now. */
  readonly signing: () => SigningKey;
  /**
   * Public keys (RFC 7517): the one that signs, those that will, and those that did until their tokens are dead. Other
   * keys in the folder are published for as long as they are there.
   */
  readonly jwks: () => { readonly keys: readonly JWK[] };
  /** Reads the folder again if there is anything new in it, and removes the keys that are dead. */
  readonly reread: () => Promise<void>;
  /** Rereads now and then; trouble is told, and changes nothing. Returns the end of it. */
  readonly follow: (onTrouble: (error: unknown) => void) => () => void;
};

type RingKey = { readonly signs: SigningKey; readonly jwk: JWK; readonly name: KeyName };

const REREAD_EVERY_MS = 1_000;

/**
 * Opens the folder, makes it (0700) and the key (0600) if they are not there yet. Every `subject-token-*.pem` in it is
 * published; which one signs, its name and the time say (see key-schedule.ts).
 * @throws KeysUnusableError with one clear line when anything about the folder or a key is not safe or not readable
 */
export async function openKeyRing(
  folder: string,
  algorithm: SigningAlgorithm,
  now: () => number = Date.now,
): Promise<KeyRing> {
  let { names, keys } = await inKeyFolder(folder, async () => {
    await prepareKeyFolder(folder);
    const found = await keyNames(folder);
    if (!found.some((name) => parseKeyName(name)?.algorithm === algorithm)) {
      await createKeyFile(join(folder, keyName(algorithm)), algorithm);
    }
    return readKeys(folder, algorithm);
  });
  let rereading: Promise<void> | null = null;

  const own = (): readonly (KeyName & { key: RingKey })[] => keys.map((key) => ({ ...key.name, key }));

  function signing(): SigningKey {
    const current = signingAt(own(), algorithm, now());
    if (current === undefined) throw new KeysUnusableError(`there is no ${algorithm} key in ${folder}`);
    return current.key.signs;
  }

  async function read(): Promise<void> {
    const found = await keyNames(folder);
    if (found.join('\n') !== names.join('\n')) {
      const fresh = await readKeys(folder, algorithm);
      // A folder that was emptied by accident stops nobody before the next start.
      if (
        signingAt(
          fresh.keys.map(({ name }) => name),
          algorithm,
          now(),
        ) === undefined
      )
        throw new KeysUnusableError(`there is no ${algorithm} key in ${folder} any more`);
      ({ names, keys } = fresh);
    }
    const all = own();
    const at = now();
    for (const dead of all.filter((key) => isDead(key, all, at))) await remove(join(folder, dead.name));
  }

  function reread(): Promise<void> {
    rereading ??= inKeyFolder(folder, read).finally(() => {
      rereading = null;
    });
    return rereading;
  }

  return {
    signing,
    jwks() {
      const all = own();
      const at = now();
      const { kid } = signing();
      const alive = all.filter((key) => !isDead(key, all, at)).map(({ key }) => key.jwk);
      return { keys: alive.toSorted((a, b) => Number(b.kid === kid) - Number(a.kid === kid)) };
    },
    reread,
    follow(onTrouble) {
      let told = '';
      async function look(): Promise<void> {
        try {
          await reread();
          told = '';
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          if (reason !== told) onTrouble(error);
          told = reason;
        }
      }
      const timer = setInterval(() => void look(), REREAD_EVERY_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** In a folder that cannot be written, dead keys stay, unpublished. */
async function remove(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}

async function keyNames(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => parseKeyName(name) !== null).toSorted();
}

async function readKeys(
  folder: string,
  algorithm: SigningAlgorithm,
): Promise<{ names: readonly string[]; keys: readonly RingKey[] }> {
  const names = await keyNames(folder);
  const keys = await Promise.all(
    names.map(async (file) => {
      const name = parseKeyName(file) ?? { name: file, algorithm: null, from: null };
      const signs = await readKey(join(folder, file));
      if (name.algorithm === algorithm && signs.algorithm !== algorithm) {
        const path = join(folder, file);
        throw new KeysUnusableError(`${path} is a key for ${signs.algorithm}, not for ${algorithm}`);
      }
      return { name, signs, jwk: await publicJwk(signs) };
    }),
  );
  return { names, keys };
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
