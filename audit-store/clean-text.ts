/** Makes text from outside safe to keep and to show: bounded, and without characters that lie about themselves. */

// Controls (C0, DEL, C1), bidirectional controls, line separators, byte order marks and lone halves of surrogate pairs.
const TREACHEROUS = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufeff]/gu;

// What nearly every text is; most of them pass here on every acting request.
const PLAIN = /^[\x20-\x7e]*$/;

/** Writes each treacherous character visibly, as `\u202e`. What is left survives UTF-8, logs and screens unchanged. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(TREACHEROUS, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Cleaned, and at most `max` characters long; a cut shows as a final `…`. */
export function boundedText(text: string, max: number): string {
  // Nothing beyond this can be kept, so a hostile megabyte is not searched through.
  const clean = cleanText(text.length > max * 2 ? text.slice(0, max * 2) : text);
  if (clean.length <= max) return clean;
  const characters = Array.from(clean);
  return characters.length <= max ? clean : `${characters.slice(0, max - 1).join('')}…`;
}

/** Cleaned, and at most `max` bytes of UTF-8; a cut shows as a final `…`. */
export function boundedBytes(text: string, max: number): string {
  const clean = boundedText(text, max);
  if (Buffer.byteLength(clean) <= max) return clean;
  const room = max - Buffer.byteLength('…');
  let size = 0;
  let kept = '';
  for (const character of clean) {
    size += Buffer.byteLength(character);
    if (size > room) break;
    kept += character;
  }
  return `${kept}…`;
}
