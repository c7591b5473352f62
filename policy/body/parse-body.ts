/** Reads a whole request body for rules to look into; total, and never more lenient than the strictest reader. */
import { exactText } from '../exact-text.ts';
import { isJson, readContentType } from './content-type.ts';
import { readMultipart } from './multipart.ts';
import { NO_BODY, type BodyFault, type ParsedBody } from './parsed-body.ts';
import { readStrictJson } from './strict-json.ts';
import { readUrlencoded } from './urlencoded.ts';

/** @param contentType value of the one `Content-Type` line; null where there is none */
export async function parseBody(contentType: string | null, bytes: Uint8Array): Promise<ParsedBody> {
  if (bytes.length === 0) return NO_BODY;
  const read = readContentType(contentType);
  if (read === null) return unreadable('content_type');
  const { type, boundary } = read;
  if (type === 'multipart/form-data')
    return boundary === null ? unreadable('content_type') : readMultipart(bytes, boundary);
  const form = type === 'application/x-www-form-urlencoded';
  if (!form && !isJson(type)) return { kind: 'opaque', type, bytes };
  const text = decodeStrictly(bytes);
  if (typeof text !== 'string') return unreadable(text.fault);
  if (form) return readUrlencoded(text);
  const json = readStrictJson(text);
  return json.ok ? { kind: 'json', value: json.value } : unreadable(json.fault);
}

/** UTF-8 in its shortest form and without a byte order mark, which some readers drop and others choke on. */
export function decodeStrictly(bytes: Uint8Array): string | { readonly fault: BodyFault } {
  try {
    const text = exactText(bytes);
    return text.startsWith('\ufeff') ? { fault: 'body_bom' } : text;
  } catch {
    const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
    return { fault: mark === 0xfffe || mark === 0xfeff ? 'body_bom' : 'body_not_utf8' };
  }
}

function unreadable(fault: BodyFault): ParsedBody {
  return { kind: 'unreadable', fault };
}
