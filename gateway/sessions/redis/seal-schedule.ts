/** When which key seals what is kept in Redis, and how long it opens: decided by the keys' file names and the time, so that every gateway decides alike. */
import { keyStamp, stampedAt } from '../../delegation/index.ts';

/** Gateways read the folder every second, copies of it are made by hand or by a tool; after so long each has the new key. */
export const KNOWN_BEFORE_USE_MS = 6 * 60_000;
/** For a key that leaked. */
export const KNOWN_AT_ONCE_MS = 5_000;

/** A key file as its name has it; `from` in milliseconds UTC, null for a key that opens and never seals. */
export type SealKeyName = { readonly name: string; readonly from: number | null };

/** The name of the key that a gateway makes at its first start (`from` absent), or of one that seals from then on. */
export function sealKeyName(from?: number): string {
  return from === undefined ? 'session-seal.key' : `session-seal-from-${keyStamp(from)}.key`;
}

/** Null for a file that is no key that seals. */
export function parseSealKeyName(name: string): SealKeyName | null {
  if (name === sealKeyName()) return { name, from: 0 };
  if (!/^session-seal-.*\.key$/.test(name)) return null;
  const stamp = /^session-seal-from-(.*)\.key$/.exec(name)?.[1];
  return { name, from: stamp === undefined ? null : stampedAt(stamp) };
}

/** The newest whose time has come; before that of any has, the first. */
export function sealingAt<Key extends SealKeyName>(keys: readonly Key[], now: number): Key | undefined {
  const own = inOrder(keys);
  return own.findLast(({ from }) => from !== null && from <= now) ?? own[0];
}

/** @param keptMs how long anything that was sealed may be there */
export function isPast<Key extends SealKeyName>(
  key: Key,
  keys: readonly Key[],
  { now, keptMs }: { readonly now: number; readonly keptMs: number },
): boolean {
  const own = inOrder(keys);
  const at = own.indexOf(key);
  const successor = at === -1 ? null : (own[at + 1]?.from ?? null);
  return successor !== null && now > successor + keptMs;
}

function inOrder<Key extends SealKeyName>(keys: readonly Key[]): readonly Key[] {
  return keys.filter(({ from }) => from !== null).toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0));
}
