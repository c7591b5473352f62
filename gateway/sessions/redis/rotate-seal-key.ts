/** Makes a new key that seals what is kept in Redis; gateways open with it at once, and seal once every one of them has it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  inKeyFolder,
  KeysUnusableError,
  prepareKeyFolder,
  type RotateKeysOptions,
} from '../../delegation/index.ts';
import { createSealKey } from './seal-keys.ts';
import { KNOWN_AT_ONCE_MS, KNOWN_BEFORE_USE_MS, parseSealKeyName, sealKeyName } from './seal-schedule.ts';

/**
 * Resolves to the new file, and from when (milliseconds UTC) it seals.
 * @throws KeysUnusableError when the folder cannot be used, or an earlier rotation is not over
 */
export function rotateSealKey({
  folder,
  now,
  atOnce,
}: Omit<RotateKeysOptions, 'algorithm'>): Promise<{ file: string; from: number }> {
  return inKeyFolder(folder, async () => {
    await prepareKeyFolder(folder);
    const names = (await readdir(folder)).map((name) => parseSealKeyName(name));
    const coming = names.find((name) => (name?.from ?? 0) > now);
    if (coming && !atOnce) throw new KeysUnusableError(`${join(folder, coming.name)} is on its way already`);
    // File names know seconds.
    const from = Math.ceil((now + (atOnce ? KNOWN_AT_ONCE_MS : KNOWN_BEFORE_USE_MS)) / 1000) * 1000;
    const file = join(folder, sealKeyName(from));
    await createSealKey(file);
    return { file, from };
  });
}
