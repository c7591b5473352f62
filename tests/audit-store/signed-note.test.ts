// The story: whoever keeps our checkpoints does not trust us to check them for them. Any tool for signed notes can, so
// what we write is byte for byte what the reference implementation writes, and what it refuses we refuse.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpointText, parseCheckpoint } from '../../audit-store/checkpoint.ts';
import { readCheckpoints } from '../../audit-store/checkpoint-file.ts';
import {
  noteVerifier,
  openNote,
  parseVerifier,
  signNote,
  verifierText,
} from '../../audit-store/signed-note.ts';
import { ORIGIN, signer, verifiersOf } from './checkpoint-key.ts';

// The vector of golang.org/x/mod/sumdb/note, whose Ed25519 signatures are the same every time.
const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

const peter = {
  name: 'PeterNeumann',
  privateKey: createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
    format: 'der',
    type: 'pkcs8',
  }),
};

function parsed(text: string) {
  const verifier = parseVerifier(text);
  if (verifier === null) throw new Error('no verifier');
  return verifier;
}
const trusting = (vkey: string) => {
  const verifier = parsed(vkey);
  return () => [verifier];
};

describe('a signed note', () => {
  test('is byte for byte what the reference implementation signs', () => {
    expect(signNote(TEXT, peter)).toBe(NOTE);
    expect(verifierText(noteVerifier(peter.name, peter.privateKey))).toBe(VKEY);
  });

  test('of the reference implementation is opened', () => {
    expect(openNote(NOTE, trusting(VKEY))).toBe(TEXT);
  });

  test('with any one character changed is not', () => {
    const bytes = Array.from(NOTE);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.constantFrom('A', '\n', ' ', '—', '+', '='), (at, put) => {
        if (bytes[at] === put) return;
        expect(openNote(bytes.with(at, put).join(''), trusting(VKEY))).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test('opens by one known signature beside unknown ones, and not by a false one in a known name', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const [, stranger = ''] = signNote(TEXT, { name: 'stranger', privateKey: other }).split('\n\n');
    expect(openNote(NOTE + stranger, trusting(VKEY))).toBe(TEXT);
    const forged = NOTE.replace('ZJkuBS9UG', 'ZJkuBS9UH');
    expect(openNote(NOTE + forged.slice(TEXT.length + 1), trusting(VKEY))).toBeNull();
    expect(openNote(`${TEXT}\n${stranger}`, trusting(VKEY))).toBeNull();
  });

  test('is of lines and nothing else, in a name without spaces and plus signs', () => {
    expect(() => signNote('no line feed', peter)).toThrow(RangeError);
    expect(() => signNote('a\tb\n', peter)).toThrow(RangeError);
    expect(() => signNote(TEXT, { ...peter, name: 'a b' })).toThrow(RangeError);
    expect(() => signNote(TEXT, { ...peter, name: 'a+b' })).toThrow(RangeError);
  });

  test('is signed and read back whatever its text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (lines) => {
        const text = `${lines.map((line) => line.replaceAll(/\p{Cc}/gu, '')).join('\n')}\n`;
        expect(openNote(signNote(text, signer), verifiersOf)).toBe(text);
      }),
    );
  });
});

describe('a verifier', () => {
  test('survives being handed on as text', () => {
    expect(verifierText(parsed(VKEY))).toBe(VKEY);
  });

  test.each([
    ['an id of another key', VKEY.replace('c74f20a3', 'c74f20a4')],
    ['another name', VKEY.replace('Peter', 'Petra')],
    ['too long a key', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['another kind of key', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['nothing', ''],
  ])('with %s is none', (_what, text) => {
    expect(parseVerifier(text)).toBeNull();
  });

  test('with any one character changed is none, or another', () => {
    fc.assert(
      fc.property(fc.nat(VKEY.length - 1), fc.constantFrom('B', '/', '+', '0'), (at, put) => {
        if (VKEY[at] === put) return;
        const read = parseVerifier(VKEY.slice(0, at) + put + VKEY.slice(at + 1));
        expect(read === null ? '' : verifierText(read)).not.toBe(VKEY);
      }),
    );
  });
});

describe('the text of a checkpoint', () => {
  const hash = 'ab'.repeat(32);

  test('is origin, size and hash, each in a line', () => {
    const text = checkpointText({ origin: ORIGIN, size: 20_852_163, hash });
    expect(text).toBe(`${ORIGIN}\n20852163\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n`);
    expect(parseCheckpoint(text)).toEqual({ origin: ORIGIN, size: 20_852_163, hash });
  });

  test.each([
    '',
    'o\n1\n',
    'o\n01\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n',
    'o\n-1\nx\n',
    'o\n1\nq6s=\n',
  ])('is not %j', (text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });

  test('stands among others in a file, and one that is not signed there makes all of it unreliable', () => {
    const notes = [1, 2, 3].map((size) => signNote(checkpointText({ origin: ORIGIN, size, hash }), signer));
    const all = notes.join('');
    const sizes = (text: string) => {
      const read = readCheckpoints(text, verifiersOf);
      return read.ok ? read.checkpoints.map(({ size }) => size) : read.problem;
    };
    expect(sizes(all)).toEqual([1, 2, 3]);
    expect(sizes('')).toEqual([]);
    // Cut off while it was written.
    expect(sizes(all.slice(0, -20))).toEqual([1, 2]);
    expect(sizes(all.replace('\n2\n', '\n7\n'))).toBe(
      'what begins in line 6 is not signed by a key that was given',
    );
    expect(sizes(`${all}rubbish\n\n${all}`)).toMatch(/line 16/);
    expect(sizes(signNote('hello\n', signer))).toMatch(/no checkpoint/);
  });
});
