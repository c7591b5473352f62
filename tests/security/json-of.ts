/** The JSON of an answer, as the shape that a test expects of it; any other shape fails the test. */
import { z } from 'zod';

export async function jsonOf<Shape extends z.ZodType>(
  response: Response,
  shape: Shape,
): Promise<z.infer<Shape>> {
  return shape.parse(await response.json());
}

export const problemShape = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  fault: z.string().optional(),
});

const person = z.looseObject({ id: z.string() });
export const sessionsShape = z.object({
  sessions: z.array(z.looseObject({ id: z.string(), actor: person, subject: person })),
});
