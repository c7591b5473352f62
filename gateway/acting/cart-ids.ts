/** Remembers, with the session, the carts that were seen in it by ids of their own, so that they pause whoever sends them. */
import { cartKey } from '../../policy/index.ts';
import type { Parts } from '../parts.ts';
import { SessionsUnavailableError, type ActAsSession } from '../sessions/index.ts';

/** The name under which a cart's id is captured; no field of a policy can be called so. */
export const CART_ID = 'cart id';

/**
 * False where the session has ended meanwhile.
 * @throws SessionsUnavailableError: a request that names a cart is not sent before the cart pauses with the rest.
 */
export async function seeCart(session: ActAsSession, id: string, parts: Parts): Promise<boolean> {
  if (session.cartIds.includes(id)) return true;
  return (await parts.sessions.change(session.id, { cartIds: [id] }, parts.clock.now())) !== null;
}

/** Of an answer: what was done was done, so what cannot be kept is logged. */
export async function seeAnsweredCart(session: ActAsSession, id: unknown, parts: Parts): Promise<void> {
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '') return;
  try {
    await seeCart(session, cartKey(String(id)), parts);
  } catch (error) {
    if (!(error instanceof SessionsUnavailableError)) throw error;
    parts.log.warn({ session_id: session.id }, 'a cart seen in a session could not be kept');
  }
}
