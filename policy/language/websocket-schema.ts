/** Of a rule that permits a WebSocket: who may send messages over it, what the browser's must be, and which sub-protocols may be spoken. */
import { z } from 'zod';
import { bodyConditionSchema } from './body-condition.ts';

export const webSocketSchema = z.strictObject({
  messages: z.enum(['from_app', 'both']),
  message: bodyConditionSchema,
  protocols: z
    .array(
      z
        .string()
        .max(100)
        .regex(
          /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
          'a sub-protocol is one word, for instance graphql-transport-ws',
        ),
    )
    .min(1)
    .max(16)
    .optional(),
});
