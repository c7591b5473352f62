/** A body that somebody wrote down (in a test, on the command line, in a form), read as the gateway would read it. */
import { isJson, readContentType } from '../body/content-type.ts';
import { NO_BODY, type ParsedBody } from '../body/parsed-body.ts';
import { readStrictJson } from '../body/strict-json.ts';
import { readUrlencoded } from '../body/urlencoded.ts';

/**
 * @param contentType JSON is meant where none is given
 * @param body a text is the body itself; anything else becomes JSON, or fields where the type is that of a form
 */
export function writtenBody(contentType: string | null, body: unknown): ParsedBody {
  if (body === undefined || body === '') return NO_BODY;
  const type = readContentType(contentType ?? 'application/json')?.type ?? null;
  if (type === null) return { kind: 'unreadable', fault: 'content_type' };
  if (type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data')
    return readUrlencoded(typeof body === 'string' ? body : encoded(body));
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (!isJson(type)) return { kind: 'opaque', type, bytes: Buffer.from(text) };
  const json = readStrictJson(text);
  return json.ok ? { kind: 'json', value: json.value } : { kind: 'unreadable', fault: json.fault };
}

function encoded(fields: unknown): string {
  const pairs = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [];
  const form = new URLSearchParams();
  for (const [name, value] of pairs)
    for (const each of Array.isArray(value) ? value : [value]) form.append(name, String(each));
  return form.toString();
}
