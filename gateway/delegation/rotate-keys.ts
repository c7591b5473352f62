/** Makes a new key for subject tokens, which gateways publish at once and sign with once every app knows it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SigningAlgorithm } from './delegation-schema.ts';
import { createKeyFile, KeysUnusableError } from './key-file.ts';
import { inKeyFolder, prepareKeyFolder } from './key-folder.ts';
import { keyName, parseKeyName, PUBLISHED_BEFORE_USE_MS } from './key-schedule.ts';

export type RotateKeysOptions = {
  readonly folder: string;
  readonly algorithm: SigningAlgorithm;
  /** Milliseconds UTC. */
  readonly now: number;
  /** For a key that leaked: sign with the new one at once, though apps may not know it yet. */
  readonly atOnce: boolean;
};

/**
 * Resolves to the new file, and from when (milliseconds UTC) it signs.
 * @throws KeysUnusableError when the folder cannot be used, or an earlier rotation is not over
 */
export function rotateKeys(options: RotateKeysOptions): Promise<{ file: string; from: number }> {
  const { folder, algorithm, now, atOnce } = options;
  return inKeyFolder(folder, async () => {
    await prepareKeyFolder(folder);
    const names = (await readdir(folder)).map((name) => parseKeyName(name)).filter((name) => name !== null);
    const coming = names.find((name) => name.algorithm === algorithm && (name.from ?? 0) > now);
    if (coming !== undefined && !atOnce) {
      throw new KeysUnusableError(`${join(folder, coming.name)} is on its way already`);
    }
    // File names know seconds.
    const from = Math.floor((atOnce ? now : now + PUBLISHED_BEFORE_USE_MS) / 1000) * 1000;
    const file = join(folder, keyName(algorithm, from));
    await createKeyFile(file, algorithm);
    return { file, from };
  });
}
