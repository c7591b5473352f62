/** A number of bytes as people write it in YAML: `1MiB`, `16KiB`, `250kB`, or a bare number of bytes. */
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KiB: 1024,
  MB: 1_000_000,
  MiB: 1024 ** 2,
  GB: 1_000_000_000,
  GiB: 1024 ** 3,
};
const MESSAGE = 'expected a size such as 1MiB, 16KiB or a number of bytes';

export const byteSizeSchema = z
  .union([z.string(), z.number()], { error: (issue) => (issue.input === undefined ? undefined : MESSAGE) })
  .transform((written, context): number => {
    const bytes = readByteSize(written);
    if (bytes === null) {
      context.addIssue({ code: 'custom', message: MESSAGE, input: written });
      return z.NEVER;
    }
    return bytes;
  });

function readByteSize(written: string | number): number | null {
  if (typeof written === 'number') return wholeBytes(written);
  const parts = /^(\d+(?:\.\d+)?)\s*(B|kB|KiB|MB|MiB|GB|GiB)$/.exec(written.trim());
  if (parts?.[1] === undefined || parts[2] === undefined) return null;
  return wholeBytes(Number(parts[1]) * (UNITS[parts[2]] ?? 0));
}

function wholeBytes(amount: number): number | null {
  return Number.isSafeInteger(amount) && amount >= 0 ? amount : null;
}
