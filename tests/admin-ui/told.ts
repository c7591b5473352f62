/** The JSON of the log as programs read it, checked. */
import { z } from 'zod';

const Told = z.strictObject({
  events: z.array(
    z.looseObject({ seq: z.number(), created_at: z.string(), event: z.string(), session_id: z.string() }),
  ),
  next: z.number().nullable(),
});

const Refusal = z.looseObject({
  code: z.string(),
  status: z.number(),
  request_id: z.string(),
  errors: z.array(z.object({ field: z.string().nullable(), message: z.string() })),
});

export async function told(answer: Response): Promise<z.infer<typeof Told>> {
  return Told.parse(await answer.json());
}

export async function refusal(answer: Response): Promise<z.infer<typeof Refusal>> {
  return Refusal.parse(await answer.json());
}
