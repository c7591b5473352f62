/** A wish for another method in a multipart body: a plain part of its own is certain, anything less regular is not. */
import { partNames } from './mentions-override.ts';
import { isOverrideField } from './override-name.ts';
import { NO_OVERRIDE, UNCERTAIN, type BodyOverride } from './override-found.ts';

const BOUNDARY = /^multipart\/form-data\s*;\s*boundary=(?:"([^"\\]{1,70})"|([^\s;,"]{1,70}))$/i;
const PLAIN_HEAD = /^Content-Disposition: form-data; name="([^"\\\r\n]*)"$/i;

export function multipartOverride(contentType: string, text: string): BodyOverride {
  // In a file's content as well, since only a reader with our boundary would know that it is one.
  if (!partNames(text).some(isOverrideField)) return NO_OVERRIDE;
  const found = BOUNDARY.exec(contentType);
  const parts = partsOf(text, `--${found?.[1] ?? found?.[2] ?? ''}`);
  if (found === null || parts === null) return UNCERTAIN;

  const wishes: string[] = [];
  const kept: string[] = [];
  for (const part of parts) {
    const end = part.indexOf('\r\n\r\n');
    const name = PLAIN_HEAD.exec(part.slice(2, end))?.[1];
    if (name !== undefined && isOverrideField(name)) wishes.push(part.slice(end + 4, -2));
    else kept.push(part);
  }
  const delimiter = `--${found[1] ?? found[2] ?? ''}`;
  const without = `${kept.map((part) => delimiter + part).join('')}${delimiter}--\r\n`;
  if (wishes.length === 0 || kept.length === 0 || partNames(without).some(isOverrideField)) return UNCERTAIN;
  return { kind: 'certain', wishes, without: Buffer.from(without, 'latin1') };
}

/** What stands between the delimiters; null unless the body is nothing but parts with heads, first to last. */
function partsOf(text: string, delimiter: string): readonly string[] | null {
  if (!text.startsWith(`${delimiter}\r\n`)) return null;
  const pieces = text.split(delimiter);
  const last = pieces.pop();
  if (last !== '--' && last !== '--\r\n') return null;
  const parts = pieces.slice(1);
  return parts.every((part) => part.startsWith('\r\n') && part.endsWith('\r\n') && part.includes('\r\n\r\n'))
    ? parts
    : null;
}
