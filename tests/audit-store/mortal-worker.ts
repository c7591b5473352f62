/** A worker that repeats what it hears, and throws or dies when told to. */
import { serve } from '../../audit-store/serve.ts';
import { describeFailure } from '../../audit-store/sqlite/failure.ts';

serve<string, string>(
  () => ({
    handle(request) {
      if (request === 'die') process.exit(1);
      if (request === 'throw') throw new Error('as asked');
      if (request === 'crash') throw indescribable();
      if (request === 'later') return Promise.resolve('by then');
      if (request === 'throw later') return Promise.reject(new Error('as asked'));
      return request;
    },
    close() {},
  }),
  describeFailure,
);

/** Fails again whoever wants to say what failed, so that nothing catches it any more. */
function indescribable(): Error {
  return Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('uncaught');
    },
  });
}
