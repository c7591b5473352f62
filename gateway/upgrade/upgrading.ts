/** A sender whose requests ask the upstream for a WebSocket, and that keeps the connection where it agrees. */
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Sender } from '../forward/forward.ts';

export type Upgrading = {
  readonly sender: Sender;
  /** The connection, once the upstream has answered 101; null while it has not, and where it declined. */
  upstream(): Duplex | null;
};

/** For one request; its 101 is told of as any answer is, without a body. */
export function upgrading(sender: Sender): Upgrading {
  let upstream: Duplex | null = null;
  return {
    upstream: () => upstream,
    sender: {
      dispatch(options, handler) {
        const asking: Dispatcher.DispatchHandler = {
          onRequestStart: (...told) => handler.onRequestStart?.(...told),
          onResponseStart: (...told) => handler.onResponseStart?.(...told),
          onResponseData: (...told) => handler.onResponseData?.(...told),
          onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
          onResponseError: (...told) => handler.onResponseError?.(...told),
          onRequestUpgrade(controller, status, headers, socket) {
            upstream = socket;
            // Until somebody takes it over, nobody else would hear of its end.
            socket.on('error', () => socket.destroy());
            handler.onRequestUpgrade?.(controller, status, headers, socket);
          },
        };
        return sender.dispatch({ ...options, upgrade: 'websocket' }, asking);
      },
    },
  };
}
