/** The worker's end of a link: opens once, then answers requests; at once, one after the other, unless an answer is promised. */
import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './link-messages.ts';

export type Service<Request, Answer> = {
  /** Throws when it cannot; the other side hears why in a few words. */
  handle(request: Request): Answer | Promise<Answer>;
  /** What of an answer is handed over instead of copied; nothing when absent. */
  handOver?(answer: Answer): ArrayBuffer[];
  close(): void;
};

/** @param describe says in a few words why something failed */
export function serve<Request, Answer>(
  open: () => Service<Request, Answer>,
  describe: (error: unknown) => string,
): void {
  if (!parentPort) throw new Error('this file runs only as a worker');
  const port = parentPort;
  const tell = (message: FromWorker<Answer>, handedOver: ArrayBuffer[] = []) => {
    port.postMessage(message, handedOver);
  };

  let service: Service<Request, Answer>;
  try {
    service = open();
  } catch (error) {
    tell({ kind: 'refused', reason: describe(error) });
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
    const { id } = message;
    const answered = (answer: Answer) => tell({ kind: 'answer', id, answer }, service.handOver?.(answer));
    const failed = (error: unknown) => tell({ kind: 'failure', id, reason: describe(error) });
    try {
      const answer = service.handle(message.request);
      if (answer instanceof Promise) answer.then(answered).catch(failed);
      else answered(answer);
    } catch (error) {
      failed(error);
    }
  });
  tell({ kind: 'ready' });
}
