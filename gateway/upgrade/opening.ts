/** A WebSocket from the request for it to its end: whoever has to close it need not know how far it has come. */
import type { Socket } from 'node:net';
import { CLOSE, type CloseCode } from './frames.ts';
import type { Relay } from './relay.ts';

export type Opening = {
  /** Before it is open there is nobody who could be told why. */
  close(code: CloseCode, reason: string): void;
  opened(relay: Relay): void;
  /** Settles when the browser's connection is gone, and the app's if there was one. */
  readonly over: Promise<void>;
};

export function createOpening(socket: Socket): Opening {
  let open: Relay | null = null;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => {
    if (open === null) resolve();
    else void open.over.then(resolve);
  });
  return {
    over,
    opened(relay) {
      open = relay;
    },
    close(code, reason) {
      if (open === null) socket.destroy();
      else open.close(code, reason);
    },
  };
}

/** What every WebSocket is told when the gateway stops; its client connects again, to one that stays. */
export const STOPPING = [CLOSE.goingAway, 'the gateway is stopping'] as const;

/** What one in somebody else's seat is told when the session is over. */
export const SESSION_ENDED = [CLOSE.notAllowed, 'the act-as session has ended'] as const;
