/** Binds an entry to facts kept elsewhere without revealing them: SHA-256 over a random salt and their canonical JSON. */
import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from './canonical-json.ts';

/**
 * Whoever has salt and facts can prove that these are the ones the entry meant; once both are blanked nothing can be
 * guessed back from the commitment, and the chain, which covers only the commitment, stays whole.
 */
export function commitment(salt: Buffer, facts: Json): Buffer {
  return createHash('sha256').update(salt).update(canonicalJson(facts), 'utf8').digest();
}
