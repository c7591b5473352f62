/** When which key signs, and how long it is published: decided by the keys' file names and the time, so that every gateway decides alike. */
import type { SigningAlgorithm } from './delegation-schema.ts';
import { keyStamp, stampedAt } from './key-stamp.ts';

/** Apps keep the published keys for five minutes (see public-files.ts); a sixth for clocks that differ. */
export const PUBLISHED_BEFORE_USE_MS = 6 * 60_000;
/** The longest life of a token, and as much again for clocks that differ. */
export const PUBLISHED_AFTER_USE_MS = 2 * 60_000;

/** A key file as its name has it; `from` in milliseconds UTC, null for a key that is published and never signs. */
export type KeyName = {
  readonly name: string;
  readonly algorithm: SigningAlgorithm | null;
  readonly from: number | null;
};

const WORDS: Readonly<Record<SigningAlgorithm, string>> = { EdDSA: 'eddsa', ES256: 'es256' };

/** The name of the key that a gateway makes at its first start (`from` absent), or of one that signs from then on. */
export function keyName(algorithm: SigningAlgorithm, from?: number): string {
  const word = `subject-token-${WORDS[algorithm]}`;
  if (from === undefined) return `${word}.pem`;
  return `${word}-from-${keyStamp(from)}.pem`;
}

/** Null for a file that is no key for subject tokens. */
export function parseKeyName(name: string): KeyName | null {
  if (!/^subject-token-.*\.pem$/.test(name)) return null;
  const [, word, stamp] = /^subject-token-(eddsa|es256)(?:-from-(.*))?\.pem$/.exec(name) ?? [];
  const from = stamp === undefined ? 0 : stampedAt(stamp);
  if (word === undefined || from === null) return { name, algorithm: null, from: null };
  return { name, algorithm: word === 'eddsa' ? 'EdDSA' : 'ES256', from };
}

type Dated = Pick<KeyName, 'algorithm' | 'from'>;

/** The newest whose time has come; before that of any has, the first. */
export function signingAt<Key extends Dated>(
  keys: readonly Key[],
  algorithm: SigningAlgorithm,
  now: number,
): Key | undefined {
  const own = inOrder(keys, algorithm);
  return own.findLast(({ from }) => from !== null && from <= now) ?? own[0];
}

/** Whether nothing that this key signed can be alive any more. */
export function isDead<Key extends Dated>(key: Key, keys: readonly Key[], now: number): boolean {
  if (key.algorithm === null) return false;
  const own = inOrder(keys, key.algorithm);
  const successor = own[own.indexOf(key) + 1]?.from ?? null;
  return successor !== null && now > successor + PUBLISHED_AFTER_USE_MS;
}

function inOrder<Key extends Dated>(keys: readonly Key[], algorithm: SigningAlgorithm): readonly Key[] {
  return keys
    .filter((key) => key.algorithm === algorithm && key.from !== null)
    .toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0));
}
