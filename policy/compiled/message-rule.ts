/** What a browser's message over a WebSocket must be, where a rule says so: read as strictly as a body is. */
import { compileBodySchema } from '../body/body-schema.ts';
import { decodeStrictly } from '../body/parse-body.ts';
import { readStrictJson } from '../body/strict-json.ts';

/** Null where the message is as it must be; otherwise what is wrong, without any value of it. */
export type WrongMessage = (message: Uint8Array) => string | null;

/** @throws {Error} for what is no schema; `findSchemaMistakes` says so before. */
export function compileMessageRule(schema: Readonly<Record<string, unknown>>): WrongMessage {
  const { wrong } = compileBodySchema(schema);
  return (message) => {
    const text = decodeStrictly(message);
    const json = typeof text === 'string' ? readStrictJson(text) : null;
    if (json?.ok !== true) return 'the message is not JSON with one meaning';
    return wrong({ kind: 'json', value: json.value })?.replace(/^the body/, 'the message') ?? null;
  };
}
