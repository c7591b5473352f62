/** The key that signs checkpoints of the record: one of its own, so that whoever checks them is shown no other. */
import type { KeyObject } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyFile, hasCode, KeysUnusableError, readKeyFile } from './key-file.ts';
import { inKeyFolder, prepareKeyFolder } from './key-folder.ts';

const NAME = 'checkpoint-ed25519.pem';

/** Reads the key, and makes it (0600) if it is not there yet. @throws KeysUnusableError with one clear line */
export function openCheckpointKey(folder: string): Promise<KeyObject> {
  return inKeyFolder(folder, async () => {
    await prepareKeyFolder(folder);
    const file = join(folder, NAME);
    await access(file).catch(async (error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
      await createKeyFile(file, 'EdDSA');
    });
    return readCheckpointKey(folder);
  });
}

/** Makes nothing. @throws KeysUnusableError with one clear line, also when there is no such key */
export function readCheckpointKey(folder: string): Promise<KeyObject> {
  return inKeyFolder(folder, async () => {
    const file = join(folder, NAME);
    const { key, algorithm } = await readKeyFile(file);
    if (algorithm !== 'EdDSA') throw new KeysUnusableError(`${file} is no Ed25519 key`);
    return key;
  });
}
