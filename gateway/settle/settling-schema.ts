/** What gateway.yaml says of requests that some apps need and others would misread; everything is refused unless said. */
import { z } from 'zod';

const refuseOrAllow = z.enum(['refuse', 'allow']).default('refuse');

export const settlingSchema = z.strictObject({
  /** A wish to be read as another method: taken out, decided on as well, or refused. */
  method_override: z.enum(['strip', 'match', 'refuse']).default('strip'),
  /** `/orders;view=all`: parameters to Java servers, a part of the name to others. */
  semicolons: refuseOrAllow,
  /** `%2F` in a segment, as in ids that contain a slash. */
  encoded_slashes: refuseOrAllow,
  /** `%3B`, `%3F`, `%23` in a segment, as in `/books/C%23`. */
  encoded_delimiters: refuseOrAllow,
  /** `//`: `merge` makes one slash of it before deciding, `allow` passes it on. */
  empty_segments: z.enum(['refuse', 'merge', 'allow']).default('refuse'),
  /** A segment that ends in a dot or a blank, or begins with a blank: `/brands/Acme%20Inc.` */
  trailing_dots: refuseOrAllow,
  /** Letters that compatibility folding makes plain ASCII: `/search/%EF%BC%A1%EF%BC%A2` (ＡＢ). */
  lookalikes: refuseOrAllow,
});

export type Settling = z.infer<typeof settlingSchema>;
