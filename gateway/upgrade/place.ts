/** A place for one more WebSocket: each holds two connections for as long as it likes, so there are only so many. */
import type { Socket } from 'node:net';
import type { Parts } from '../parts.ts';
import { refusal, type Refusal } from '../refusal.ts';

const TOO_MANY = {
  altogether: 'As many WebSockets are open as this gateway may hold. Please try again later.',
  for_one: 'As many WebSockets as one session may have are open. Close a tab or two and try again.',
} as const;

/**
 * The place is given back when the browser's connection is gone.
 * @param sessionId of who acts; null for everybody else.
 * @returns why there is none.
 */
export function takePlace(socket: Socket, sessionId: string | null, parts: Parts): Refusal | null {
  const leave = parts.webSocketPlaces.take(sessionId);
  if (typeof leave === 'string')
    return refusal('too_many_requests', { detail: TOO_MANY[leave], fault: 'websockets' });
  if (socket.destroyed) leave();
  else socket.once('close', leave);
  return null;
}
