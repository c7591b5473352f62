/** The folder in which every key of the gateway stands: private to its owner, made at first start. */
import { mkdir, stat } from 'node:fs/promises';
import { KeysUnusableError } from './key-file.ts';

/** Makes the folder (0700) if it is not there yet. @throws KeysUnusableError when others can write in it */
export async function prepareKeyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await stat(folder);
  // Whoever can write here can put a key of their own in place, and seat themselves anywhere.
  if ((found.mode & 0o022) !== 0) {
    throw new KeysUnusableError(`${folder} can be written by others; run: chmod 700 ${folder}`);
  }
}

/** Whatever else went wrong with the folder, as one line for the person who started this. */
export async function inKeyFolder<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeysUnusableError) throw error;
    const why = error instanceof Error ? error.message : 'unknown error';
    throw new KeysUnusableError(`the key folder ${folder} cannot be used: ${why}`, { cause: error });
  }
}
