/** Reads `multipart/form-data` (RFC 7578) by busboy, and refuses what other readers could take apart differently. */
import { Busboy } from '@fastify/busboy';
import { collectFields } from './field-names.ts';
import type { BodyFault, ParsedBody } from './parsed-body.ts';

const MOST_PARTS = 200;
/** What browsers write over a part, and nothing else: no charset of its own, no transfer encoding, no `name*`. */
const PART_HEAD =
  /^Content-Disposition: form-data; name="[^"\\\r\n]*"(?:; filename="[^"\\\r\n]*")?(?:\r\nContent-Type: [\w!#$&^.+-]+\/[\w!#$&^.+-]+)?$/i;

export async function readMultipart(bytes: Uint8Array, boundary: string): Promise<ParsedBody> {
  const parts = headsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), boundary);
  if (parts === null || parts.some((head) => !PART_HEAD.test(head)))
    return { kind: 'unreadable', fault: 'body_not_form' };
  if (parts.length > MOST_PARTS) return { kind: 'unreadable', fault: 'body_too_many_fields' };
  const collector = collectFields();
  const taken = await take(bytes, boundary, collector.add);
  if (typeof taken === 'string') return { kind: 'unreadable', fault: taken };
  // A part that busboy passed over is one that another reader may not pass over.
  if (taken !== parts.length) return { kind: 'unreadable', fault: 'body_not_form' };
  return { kind: 'form', fields: collector.fields() };
}

/** The head of every part; null unless the body is nothing but parts, from the first delimiter to the closing one. */
function headsOf(bytes: Buffer, boundary: string): readonly string[] | null {
  const text = bytes.toString('latin1');
  const delimiter = `--${boundary}`;
  if (!text.startsWith(`${delimiter}\r\n`)) return null;
  const pieces = text.split(delimiter);
  const last = pieces.pop();
  if (last !== '--' && last !== '--\r\n') return null;
  const heads: string[] = [];
  for (const piece of pieces.slice(1)) {
    const end = piece.indexOf('\r\n\r\n');
    if (!piece.startsWith('\r\n') || !piece.endsWith('\r\n') || end === -1) return null;
    heads.push(Buffer.from(piece.slice(2, end), 'latin1').toString('utf8'));
  }
  return heads;
}

/** How many parts were taken, or the first fault. */
function take(
  bytes: Uint8Array,
  boundary: string,
  add: (name: string, value: unknown) => BodyFault | null,
): Promise<number | BodyFault> {
  return new Promise((resolve) => {
    let fault: BodyFault | null = null;
    let count = 0;
    const keep = (name: string, value: unknown): void => {
      count += 1;
      fault ??= add(name, value);
    };
    const busboy = new Busboy({
      headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
      limits: { parts: MOST_PARTS + 1, fieldSize: bytes.length + 1, fieldNameSize: 1000 },
    });
    busboy.on('field', (name, value, nameCut, valueCut) => {
      if (nameCut || valueCut || value.includes('\ufffd')) fault ??= 'body_not_form';
      keep(name, value);
    });
    busboy.on('file', (name, stream, filename, _encoding, type) => {
      let size = 0;
      stream.on('data', (chunk: Buffer) => (size += chunk.length));
      stream.on('end', () => keep(name, { filename, type, size }));
    });
    busboy.on('error', () => resolve('body_not_form'));
    busboy.on('finish', () => resolve(fault ?? count));
    busboy.end(Buffer.from(bytes));
  });
}
