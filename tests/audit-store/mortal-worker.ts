/** A worker that repeats what it hears, and throws or dies when told to. */
import { serve } from '../../audit-store/sqlite/serve.ts';

serve<string, string>(() => ({
  handle(request) {
    if (request === 'die') process.exit(1);
    if (request === 'throw') throw new Error('as asked');
    if (request === 'crash') throw indescribable();
    return request;
  },
  close() {},
}));

/** Fails again whoever wants to say what failed, so that nothing catches it any more. */
function indescribable(): Error {
  return Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('uncaught');
    },
  });
}
