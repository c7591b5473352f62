/** A worker that repeats what it hears, and throws or dies when told to. */
import { parentPort } from 'node:worker_threads';
import { serve } from '../../audit-store/sqlite/serve.ts';

// Outside of what is served, nothing catches this.
parentPort?.on('message', (message: { request?: string }) => {
  if (message.request === 'crash') throw new Error('uncaught');
});

serve<string, string>(() => ({
  handle(request) {
    if (request === 'die') process.exit(1);
    if (request === 'throw') throw new Error('as asked');
    return request;
  },
  close() {},
}));
