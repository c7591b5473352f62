/** What is still going on when the gateway is told to stop: writes that are finished, streams and WebSockets that never would be. */
import type { ServerResponse } from 'node:http';
import { answerHeader, type Answer } from './answer.ts';

export type UnderWay = {
  /** Is waited for: an audited write is not over before its end is on the record, be its browser there or not. */
  finish<T>(work: Promise<T>): Promise<T>;
  /** Cut where it is an event stream; its reader connects again, to a gateway that stays. */
  cutAtStop(answer: Answer, response: ServerResponse): void;
  /** Cut without a look: it waits for something that may not come. */
  cutHeldAtStop(response: ServerResponse): void;
  /**
   * A WebSocket, open or being opened: told to close, and waited for.
   * @param over settles when it is.
   */
  closeAtStop(close: () => void, over: Promise<unknown>): void;
  counts(): { readonly writes: number; readonly streams: number; readonly websockets: number };
  stop(): Promise<void>;
};

export function createUnderWay(): UnderWay {
  const writes = new Set<Promise<unknown>>();
  const streams = new Set<ServerResponse>();
  const webSockets = new Map<Promise<unknown>, () => void>();
  let stopping = false;
  function cutHeldAtStop(response: ServerResponse): void {
    if (stopping) response.destroy();
    streams.add(response);
    response.once('close', () => streams.delete(response));
  }
  return {
    cutHeldAtStop,
    finish(work) {
      writes.add(work);
      return work.finally(() => writes.delete(work));
    },
    cutAtStop(answer, response) {
      if (answerHeader(answer.headers, 'content-type')?.startsWith('text/event-stream') === true)
        cutHeldAtStop(response);
    },
    closeAtStop(close, over) {
      if (stopping) close();
      webSockets.set(over, close);
      void over.finally(() => webSockets.delete(over));
    },
    counts: () => ({ writes: writes.size, streams: streams.size, websockets: webSockets.size }),
    async stop() {
      stopping = true;
      for (const response of streams) response.destroy();
      for (const close of webSockets.values()) close();
      while (writes.size > 0 || webSockets.size > 0)
        await Promise.allSettled([...writes, ...webSockets.keys()]);
    },
  };
}
