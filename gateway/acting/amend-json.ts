/** Writes the policy's text into a JSON body; everything else in it keeps its meaning, numbers to the last digit. */
import type { Amended } from './amend.ts';
import { exactText, pointerSteps } from '../../policy/index.ts';

/**
 * Text that stands at the pointer already is kept, on a line of its own after ours: a note typed by a person must not
 * be lost. Numbers keep every digit they came with.
 * @param values JSON pointer (RFC 6901) → text. Missing objects on the way are made; anything else there refuses.
 */
export function amendJson(bytes: Buffer, values: Readonly<Record<string, string>>): Amended {
  const body = parseExactly(bytes);
  if (!isRecord(body)) return { ok: false, fault: 'body_not_json' };
  for (const [pointer, text] of Object.entries(values)) {
    if (!write(body, pointer, text)) return { ok: false, fault: 'body_not_json' };
  }
  return { ok: true, bytes: Buffer.from(JSON.stringify(body)) };
}

declare global {
  /** Of the "JSON.parse source text access" proposal: in V8, and not in the library's types yet. */
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): unknown;
    isRawJSON(value: unknown): boolean;
  }
}

function parseExactly(bytes: Buffer): unknown {
  try {
    return JSON.parse(exactText(bytes), (_key: string, value: unknown, { source }: { source?: string }) =>
      typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
    );
  } catch {
    return undefined;
  }
}

function write(body: Record<string, unknown>, pointer: string, text: string): boolean {
  const steps = pointerSteps(pointer);
  const last = steps.at(-1);
  if (last === undefined) return false;
  let place = body;
  for (const step of steps.slice(0, -1)) {
    const next = Object.hasOwn(place, step) ? place[step] : set(place, step, {});
    if (!isRecord(next)) return false;
    place = next;
  }
  const present = Object.hasOwn(place, last) ? place[last] : undefined;
  const kept = typeof present === 'string' && present.trim() !== '' ? `\n${present}` : '';
  set(place, last, text + kept);
  return true;
}

/** Defines rather than assigns, so that a step called `__proto__` is a property like any other. */
function set(place: Record<string, unknown>, name: string, value: unknown): unknown {
  Object.defineProperty(place, name, { value, enumerable: true, configurable: true, writable: true });
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  // A number that kept its digits is a frozen object of V8's.
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
