/** The keys that seal what is kept in Redis: made at first start, shared by the instances through the key folder. */
import { randomBytes } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  inKeyFolder,
  KeysUnusableError,
  placePrivateFile,
  prepareKeyFolder,
  readPrivateFile,
} from '../../delegation/index.ts';
import { sealKeyOf, type SealKey, type SealKeys } from './seal.ts';
import { isPast, parseSealKeyName, sealingAt, sealKeyName, type SealKeyName } from './seal-schedule.ts';

export type SealKeyRing = SealKeys & {
  /** Reads the folder again if there is anything new in it, and removes keys that nothing can be sealed with any more. */
  readonly reread: () => Promise<void>;
  /** Rereads every second; trouble is told, and changes nothing. Returns the end of it. */
  readonly follow: (told: {
    readonly onChange: (names: readonly string[]) => void;
    readonly onTrouble: (error: unknown) => void;
  }) => () => void;
};

export type SealKeysOptions = {
  readonly folder: string;
  readonly now: () => number;
  /** How long anything that is sealed may be there, in milliseconds: so long an old key opens. */
  readonly keptMs: number;
};

type RingKey = SealKeyName & SealKey;

const BYTES = 32;
const REREAD_EVERY_MS = 1_000;

/**
 * Opens the folder, and makes the first key (0600) if there is none yet. Which one seals, the names and the time say (see
 * seal-schedule.ts); other `session-seal-*.key` open for as long as they are there.
 * @throws KeysUnusableError with one clear line
 */
export async function openSealKeys({ folder, now, keptMs }: SealKeysOptions): Promise<SealKeyRing> {
  let keys = await inKeyFolder(folder, async () => {
    await prepareKeyFolder(folder);
    if (sealingAt(await keyNames(folder), now()) === undefined)
      await createSealKey(join(folder, sealKeyName()));
    return readKeys(folder);
  });
  let rereading: Promise<boolean> | null = null;

  const opens = (key: RingKey): boolean => !isPast(key, keys, { now: now(), keptMs });

  /** Whether there was anything new. */
  async function read(): Promise<boolean> {
    const found = await keyNames(folder);
    const isNew = namesOf(found) !== namesOf(keys);
    if (isNew) {
      // A folder that was emptied by accident stops nobody before the next start.
      if (sealingAt(found, now()) === undefined)
        throw new KeysUnusableError(`there is no key that seals in ${folder} any more`);
      keys = await readKeys(folder);
    }
    for (const past of keys.filter((key) => !opens(key))) await remove(join(folder, past.name));
    return isNew;
  }

  function look(): Promise<boolean> {
    rereading ??= inKeyFolder(folder, read).finally(() => {
      rereading = null;
    });
    return rereading;
  }

  return {
    sealing() {
      const current = sealingAt(keys, now());
      if (current === undefined) throw new KeysUnusableError(`there is no key that seals in ${folder}`);
      return current;
    },
    opening: (id) => keys.find((key) => key.id.equals(id) && opens(key)),
    async reread() {
      await look();
    },
    follow({ onChange, onTrouble }) {
      let told = '';
      async function again(): Promise<void> {
        try {
          if (await look()) onChange(keys.map(({ name }) => name));
          told = '';
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          if (reason !== told) onTrouble(error);
          told = reason;
        }
      }
      const timer = setInterval(() => void again(), REREAD_EVERY_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** Whole or not at all; a name that is taken is left alone. */
export function createSealKey(file: string): Promise<void> {
  return placePrivateFile(file, `${randomBytes(BYTES).toString('base64url')}\n`);
}

/** In a folder that cannot be written old keys stay, and open nothing. */
async function remove(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}

const namesOf = (keys: readonly SealKeyName[]): string => keys.map(({ name }) => name).join('\n');

async function keyNames(folder: string): Promise<readonly SealKeyName[]> {
  const names = (await readdir(folder)).toSorted();
  return names.map((name) => parseSealKeyName(name)).filter((name) => name !== null);
}

async function readKeys(folder: string): Promise<readonly RingKey[]> {
  const names = await keyNames(folder);
  return Promise.all(
    names.map(async (name) => ({ ...name, ...sealKeyOf(await readSealKey(join(folder, name.name))) })),
  );
}

async function readSealKey(file: string): Promise<Buffer> {
  const text = (await readPrivateFile(file)).toString('utf8').trim();
  const key = Buffer.from(text, 'base64url');
  if (!/^[A-Za-z0-9_-]{43}$/.test(text) || key.length !== BYTES)
    throw new KeysUnusableError(`${file} is not a key of ${BYTES} bytes in base64url`);
  return key;
}
