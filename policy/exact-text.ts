/** Reads bytes as the UTF-8 they are, and as nothing else. */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A byte order mark stays in the text. @throws TypeError on bytes that are no UTF-8 */
export function exactText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
