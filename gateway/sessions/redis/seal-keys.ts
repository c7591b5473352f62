/** The keys that seal what is kept in Redis: made at first start, shared by the instances through the key folder. */
import { randomBytes } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  hasCode,
  inKeyFolder,
  KeysUnusableError,
  placePrivateFile,
  prepareKeyFolder,
  readPrivateFile,
} from '../../delegation/index.ts';

const NAME = 'session-seal.key';
const OTHERS = /^session-seal-.*\.key$/;
const BYTES = 32;

/**
 * Reads the key that seals, and makes it (0600) if it is not there yet, and every `session-seal-*.key` beside it, which
 * open what was sealed before or is about to be.
 * @throws KeysUnusableError with one clear line
 */
export function openSealKeys(folder: string): Promise<[Buffer, ...Buffer[]]> {
  return inKeyFolder(folder, async () => {
    await prepareKeyFolder(folder);
    const file = join(folder, NAME);
    await access(file).catch(async (error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
      await placePrivateFile(file, `${randomBytes(BYTES).toString('base64url')}\n`);
    });
    const others = (await readdir(folder)).filter((name) => OTHERS.test(name)).toSorted();
    return [
      await readSealKey(file),
      ...(await Promise.all(others.map((name) => readSealKey(join(folder, name))))),
    ];
  });
}

async function readSealKey(file: string): Promise<Buffer> {
  const text = (await readPrivateFile(file)).toString('utf8').trim();
  const key = Buffer.from(text, 'base64url');
  if (!/^[A-Za-z0-9_-]{43}$/.test(text) || key.length !== BYTES)
    throw new KeysUnusableError(`${file} is not a key of ${BYTES} bytes in base64url`);
  return key;
}
