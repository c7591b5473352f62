/** A length of time as people write it in YAML: `30m`, `2h`, `45s`, `500ms`, or a bare number of seconds. Parsed to milliseconds. */
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MESSAGE = 'expected a length of time such as 30m, 2h, 45s, 500ms or a number of seconds';

export const durationSchema = z
  .union([z.string(), z.number()], { error: (issue) => (issue.input === undefined ? undefined : MESSAGE) })
  .transform((written, context): number => {
    const milliseconds = readDuration(written);
    if (milliseconds === null) {
      context.addIssue({ code: 'custom', message: MESSAGE, input: written });
      return z.NEVER;
    }
    return milliseconds;
  });

function readDuration(written: string | number): number | null {
  if (typeof written === 'number') return asMilliseconds(written, 1000);
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(written.trim());
  if (parts?.[1] === undefined || parts[2] === undefined) return null;
  return asMilliseconds(Number(parts[1]), UNITS[parts[2]] ?? 0);
}

function asMilliseconds(amount: number, unit: number): number | null {
  const milliseconds = Math.round(amount * unit);
  return Number.isSafeInteger(milliseconds) && milliseconds >= 0 ? milliseconds : null;
}
