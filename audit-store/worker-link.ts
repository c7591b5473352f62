/** The main thread's end of a link to a worker that owns a connection; a worker that died is started anew when asked. */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { AuditUnavailableError } from './audit-store.ts';
import type { FromWorker, ToWorker } from './link-messages.ts';

export type WorkerLink<Request, Answer> = {
  /** Resolves when the worker is ready; rejects with its reason when it cannot open. */
  start(): Promise<void>;
  /** Rejects with AuditUnavailableError when the worker cannot do it, or dies over it. */
  ask(request: Request): Promise<Answer>;
  /** Lets requests under way finish. */
  close(): Promise<void>;
};

type Waiting<Answer> = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AuditUnavailableError) => void;
};

export function workerLink<Request, Answer>(
  file: URL,
  setup: unknown,
  resourceLimits: ResourceLimits = {},
): WorkerLink<Request, Answer> {
  let closed = false;
  let running: Promise<Worker> | null = null;
  let lastId = 0;
  const waiting = new Map<number, Waiting<Answer>>();

  function failAll(reason: string): void {
    for (const { reject } of waiting.values()) reject(new AuditUnavailableError(reason));
    waiting.clear();
  }

  function settle(id: number): Waiting<Answer> | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  }

  function spawn(): Promise<Worker> {
    // No flags of the parent: a loader or a test runner's hooks have no business in this thread.
    const worker = new Worker(file, { workerData: setup, execArgv: [], resourceLimits });
    return new Promise((resolve, reject) => {
      let isOver = false;
      // Once: the exit that follows a failure must not take the next worker with it.
      const gone = (reason: string) => {
        if (isOver) return;
        isOver = true;
        running = null;
        reject(new AuditUnavailableError(reason));
        failAll(reason);
      };
      worker.on('message', (message: FromWorker<Answer>) => {
        switch (message.kind) {
          case 'ready':
            resolve(worker);
            break;
          case 'refused':
            gone(message.reason);
            break;
          case 'answer':
            settle(message.id)?.resolve(message.answer);
            break;
          case 'failure':
            settle(message.id)?.reject(new AuditUnavailableError(message.reason));
            break;
        }
      });
      worker.on('error', (error) => {
        gone(`the record's thread failed: ${error instanceof Error ? error.message : String(error)}`);
      });
      worker.on('exit', () => {
        gone("the record's thread ended");
      });
    });
  }

  const start = () => (running ??= spawn());
  const post = (worker: Worker, message: ToWorker<Request>) => {
    worker.postMessage(message, []);
  };

  return {
    async start() {
      await start();
    },
    async ask(request) {
      // A thread started now would outlive everybody who could close it.
      if (closed) throw new AuditUnavailableError('the record is closed');
      const worker = await start();
      return new Promise((resolve, reject) => {
        const id = (lastId += 1);
        waiting.set(id, { resolve, reject });
        post(worker, { kind: 'request', id, request });
      });
    },
    async close() {
      closed = true;
      const worker = await running?.catch(() => null);
      if (!worker) return;
      await new Promise<void>((resolve) => {
        worker.once('exit', () => {
          resolve();
        });
        post(worker, { kind: 'close' });
      });
    },
  };
}
