/** Turns in Redis: what one of several gateways does, and how far it has come. */
import { z } from 'zod';
import type { Turns } from '../../../audit-store/index.ts';
import { parseReply } from './replies.ts';
import type { StoreParts } from './store-parts.ts';

const said = z.tuple([z.enum(['yes', 'no'])]);
const noted = z.tuple([z.union([z.literal('none'), z.coerce.number().int().nonnegative()])]);

export function createRedisTurns({ run }: Pick<StoreParts, 'run'>): Turns {
  return {
    async take(name, holder, forMs) {
      return parseReply(said, await run('turn', ['take', name, holder, String(forMs)]))[0] === 'yes';
    },
    async noted(name) {
      const [far] = parseReply(noted, await run('turn', ['noted', name, '']));
      return far === 'none' ? null : far;
    },
    async note(name, holder, far) {
      await run('turn', ['note', name, holder, String(far)]);
    },
    async leave(name, holder) {
      await run('turn', ['leave', name, holder]);
    },
  };
}
