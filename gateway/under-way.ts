/** What is still going on when the gateway is told to stop: writes that are finished, and streams that never would be. */
import type { ServerResponse } from 'node:http';
import { answerHeader, type Answer } from './answer.ts';

export type UnderWay = {
  /** Is waited for: an audited write is not over before its end is on the record, be its browser there or not. */
  finish<T>(work: Promise<T>): Promise<T>;
  /** Cut where it is an event stream; its reader connects again, to a gateway that stays. */
  cutAtStop(answer: Answer, response: ServerResponse): void;
  /** Cut without a look: it waits for something that may not come. */
  cutHeldAtStop(response: ServerResponse): void;
  counts(): { readonly writes: number; readonly streams: number };
  stop(): Promise<void>;
};

export function createUnderWay(): UnderWay {
  const writes = new Set<Promise<unknown>>();
  const streams = new Set<ServerResponse>();
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
    counts: () => ({ writes: writes.size, streams: streams.size }),
    async stop() {
      stopping = true;
      for (const response of streams) response.destroy();
      while (writes.size > 0) await Promise.allSettled(writes);
    },
  };
}
