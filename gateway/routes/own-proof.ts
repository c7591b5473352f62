/** Proof that a request began on a page that this very person saw as themselves, and not on one in somebody's seat. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Stands in forms of pages that nobody is served while acting; a script in a subject's page cannot come by it. */
export function ownProof(actorId: string, key: Buffer): string {
  return createHmac('sha256', key).update(`as themselves: ${actorId}`).digest('base64url');
}

export function isOwnProof(given: string | null | undefined, actorId: string, key: Buffer): boolean {
  const right = Buffer.from(ownProof(actorId, key));
  const said = Buffer.from(given ?? '');
  return said.length === right.length && timingSafeEqual(said, right);
}
