/** Carries out `capture`: reads fields of a JSON answer for the record while the answer flows past. */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { answerHeader } from '../answer.ts';
import { compilePointer } from '../identity/index.ts';
import { onceForEach } from '../once-for-each.ts';
import type { Details } from '../record/events.ts';

const MOST_BYTES = 256 * 1024;
const MOST_TEXT = 200;

export type Capture = {
  /** Is shown each piece of the answer's body, in order. */
  readonly see: (chunk: Buffer) => void;
  /** What was found, once the answer is over. @param headers of the answer */
  readonly captured: (headers: readonly string[]) => Details;
};

/** @param fields name in the record → JSON pointer. What is not there, or not a scalar, is left out. */
export function captureJson(fields: Readonly<Record<string, string>>): Capture {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    see(chunk) {
      size += chunk.length;
      if (size <= MOST_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    },
    captured(headers) {
      if (size > MOST_BYTES) return { captured: 'the answer was too large' };
      const [first] = chunks;
      const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
      const answer = parse(whole, answerHeader(headers, 'content-encoding'));
      const found: Record<string, string | number | boolean | null> = {};
      for (const [name, pointer] of Object.entries(fields)) {
        const place = readerOf(pointer)(answer);
        const value = place.kind === 'value' ? place.value : undefined;
        if (typeof value === 'string') found[name] = value.slice(0, MOST_TEXT);
        else if (typeof value === 'number' || typeof value === 'boolean') found[name] = value;
      }
      return found;
    },
  };
}

/** A policy names few, and each again with every answer. */
const readerOf = onceForEach(compilePointer);

function parse(bytes: Buffer, coding: string | null): unknown {
  const limit = { maxOutputLength: 4 * MOST_BYTES };
  try {
    switch (coding?.toLowerCase() ?? 'identity') {
      case 'identity':
        return JSON.parse(bytes.toString('utf8'));
      case 'gzip':
        return JSON.parse(gunzipSync(bytes, limit).toString('utf8'));
      case 'br':
        return JSON.parse(brotliDecompressSync(bytes, limit).toString('utf8'));
      case 'deflate':
        return JSON.parse(inflateSync(bytes, limit).toString('utf8'));
      case 'zstd':
        return JSON.parse(zstdDecompressSync(bytes, limit).toString('utf8'));
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
