/** A worker that repeats what it hears, and dies or throws when told to. */
import { serve } from '../../audit-store/sqlite/serve.ts';

serve<string, string>(() => ({
  handle(request) {
    if (request === 'die') process.exit(1);
    if (request === 'throw') throw new Error('as asked');
    return request;
  },
  close() {},
}));
