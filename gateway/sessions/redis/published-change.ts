/** What the scripts publish, parsed: whatever else is said on the channel is nothing. */
import { z } from 'zod';
import { sessionEnd, time } from './replies.ts';

const published = z.discriminatedUnion('k', [
  z.object({ k: z.literal('start'), v: time, id: z.string(), f: z.string(), i: time }),
  z.object({ k: z.literal('touch'), v: time, id: z.string(), i: time }),
  z.object({ k: z.literal('end'), v: time, id: z.string(), f: z.string(), i: time, w: sessionEnd, e: time }),
  z.object({ k: z.literal('facts'), v: time, id: z.string(), f: z.string(), i: time }),
  z.object({ k: z.literal('beat'), v: time }),
]);

export type PublishedChange = z.output<typeof published>;

export function readChange(text: string): PublishedChange | null {
  try {
    return published.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
