/** Signed notes as c2sp.org/signed-note describes them: a text, and below it who signed it; Ed25519 only. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Signature type of Ed25519 over the text itself. */
const ED25519 = Buffer.of(0x01);
/** DER in front of the 32 bytes of an Ed25519 public key (RFC 8410 §4). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const MOST_SIGNATURES = 100;
/** No spaces, no plus: the format's own separators. */
const NAME = /^[^\s+]+$/u;
const CONTROLS = /(?!\n)\p{Cc}/u;

export type NoteSigner = { readonly name: string; readonly privateKey: KeyObject };

/** The keys that count for signatures in this name. */
export type VerifiersOf = (name: string) => readonly NoteVerifier[];

export type NoteVerifier = { readonly name: string; readonly keyId: Buffer; readonly publicKey: KeyObject };

/** The public half of an Ed25519 key under the name it signs as. @throws RangeError for a name with spaces or plus */
export function noteVerifier(name: string, key: KeyObject): NoteVerifier {
  if (!NAME.test(name))
    throw new RangeError(`"${name}" cannot be the name of a key: it has a space or a plus`);
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return { name, keyId: keyId(name, rawKey(publicKey)), publicKey };
}

/** The text by which a verifier is handed on: `name+hex(key id)+base64(type and key)`. */
export function verifierText({ name, keyId: id, publicKey }: NoteVerifier): string {
  const key = Buffer.concat([ED25519, rawKey(publicKey)]).toString('base64');
  return `${name}+${id.toString('hex')}+${key}`;
}

/** Null for anything else than the text of an Ed25519 verifier whose id is right. */
export function parseVerifier(text: string): NoteVerifier | null {
  const [, name = '', id = '', key = ''] =
    /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(text.trim()) ?? [];
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== 33 || !bytes.subarray(0, 1).equals(ED25519)) return null;
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI, bytes.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  const verifier = noteVerifier(name, publicKey);
  return verifier.keyId.toString('hex') === id ? verifier : null;
}

/** @param text ends in a line feed and has no other control character. */
export function signNote(text: string, { name, privateKey }: NoteSigner): string {
  if (!text.endsWith('\n') || CONTROLS.test(text))
    throw new RangeError('the text of a note is lines, and nothing else');
  const { keyId: id } = noteVerifier(name, privateKey);
  const signature = Buffer.concat([id, sign(null, Buffer.from(text, 'utf8'), privateKey)]);
  return `${text}\n— ${name} ${signature.toString('base64')}\n`;
}

/**
 * The text of a note that at least one of these keys signed; null otherwise. Signatures of other keys are ignored, but
 * a false one in the name and id of a known key condemns the note.
 */
export function openNote(note: string, verifiersOf: VerifiersOf): string | null {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || CONTROLS.test(note)) return null;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return null;
  let known = 0;
  for (const line of lines) {
    const [, name = '', signed = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
    const bytes = Buffer.from(signed, 'base64');
    if (name === '' || bytes.length < 5) return null;
    const verifier = verifiersOf(name).find(
      (one) => one.name === name && one.keyId.equals(new Uint8Array(bytes.subarray(0, 4))),
    );
    if (verifier === undefined) continue;
    if (!verify(null, Buffer.from(text, 'utf8'), verifier.publicKey, bytes.subarray(4))) return null;
    known += 1;
  }
  return known > 0 ? text : null;
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ key), the first four bytes. */
function keyId(name: string, key: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`, 'utf8').update(ED25519).update(key).digest().subarray(0, 4);
}

function rawKey(publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyType !== 'ed25519')
    throw new RangeError('notes are signed by Ed25519 keys only');
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}
