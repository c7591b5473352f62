/** The worker's end of a link: opens once, then answers requests one after the other. */
import { parentPort } from 'node:worker_threads';
import { describeFailure } from './failure.ts';
import type { FromWorker, ToWorker } from './link-messages.ts';

export type Service<Request, Answer> = {
  /** Throws when it cannot; the other side hears why in a few words. */
  handle(request: Request): Answer;
  /** What of an answer is handed over instead of copied; nothing when absent. */
  handOver?(answer: Answer): ArrayBuffer[];
  close(): void;
};

export function serve<Request, Answer>(open: () => Service<Request, Answer>): void {
  if (!parentPort) throw new Error('this file runs only as a worker');
  const port = parentPort;
  const tell = (message: FromWorker<Answer>, handedOver: ArrayBuffer[] = []) => {
    port.postMessage(message, handedOver);
  };

  let service: Service<Request, Answer>;
  try {
    service = open();
  } catch (error) {
    tell({ kind: 'refused', reason: describeFailure(error) });
    return;
  }
  port.on('message', (message: ToWorker<Request>) => {
    if (message.kind === 'close') {
      try {
        service.close();
      } finally {
        port.close();
      }
      return;
    }
    try {
      const answer = service.handle(message.request);
      tell({ kind: 'answer', id: message.id, answer }, service.handOver?.(answer));
    } catch (error) {
      tell({ kind: 'failure', id: message.id, reason: describeFailure(error) });
    }
  });
  tell({ kind: 'ready' });
}
