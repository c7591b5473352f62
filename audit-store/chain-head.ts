/** Places on the chain: the entry that the next one follows, and the one that the first entry which is here follows. */
import { GENESIS } from './chain.ts';

export type Head = { readonly seq: number; readonly hash: Buffer; readonly high_at: number };

/** Where the entries that are here begin: behind nothing, or behind entries that were `pruned` or `rotated`. */
export type Beginning = Head & { readonly why: string };

export const BEGINNING: Beginning = { seq: 0, hash: GENESIS, high_at: 0, why: '' };

/** Which gateway, and which start of it, or which command. */
export type WrittenBy = { readonly instance: string; readonly run: string };
