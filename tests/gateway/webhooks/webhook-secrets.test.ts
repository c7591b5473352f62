/** What deliveries are signed with is read whole or refused, in one line that quotes nothing of it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readWebhookSecrets, SecretUnusableError } from '../../../gateway/webhooks/webhook-secrets.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function read(text: string): readonly Buffer[] {
  const file = join(folder, 'secret');
  writeFileSync(file, text);
  return readWebhookSecrets(file);
}

it.each([24, 25, 26, 64])('reads %i bytes, padded or not, with blank lines around them', (length) => {
  const key = randomBytes(length);
  const text = key.toString('base64');
  expect(read(`\nwhsec_${text}\r\n\n`)).toEqual([key]);
  expect(read(`whsec_${text.replaceAll('=', '')}\nwhsec_${text}`)).toEqual([key, key]);
});

const LONG = 'A'.repeat(40);
it.each([
  ['nothing', ''],
  ['no prefix', LONG],
  ['too few bytes', 'whsec_QUJD'],
  ['a character too many for whole bytes', `whsec_${LONG}A`],
  ['padding in the middle', `whsec_${LONG}=${LONG}`],
  ['too much padding', `whsec_${LONG}AA===`],
  ['the alphabet for addresses', `whsec_${LONG}-_-_`],
  ['two on one line', `whsec_${LONG} whsec_${LONG}`],
  ['three', `whsec_${LONG}\n`.repeat(3)],
  ['a good one and a bad one', `whsec_${LONG}\nwhsec_${LONG}A`],
])('refuses %s and quotes nothing of it', (_, text) => {
  expect(() => read(text)).toThrow(SecretUnusableError);
  expect(() => read(text)).toThrow(
    /^[^\n]*secret: must hold one or two lines "whsec_" and at least 24 random bytes/,
  );
  expect(() => read(text)).not.toThrow(/AAA/);
});

it('names a file that cannot be read', () => {
  expect(() => readWebhookSecrets(join(folder, 'none'))).toThrow(/none: cannot be read \(ENOENT\)$/);
});
