/** Reads what deliveries are signed with from a file, so that it stands in no configuration and no process list. */
import { readFileSync } from 'node:fs';

export class SecretUnusableError extends Error {
  override readonly name = 'SecretUnusableError';
}

const LEAST_BYTES = 24;
/** Of whole bytes: where receivers would decode otherwise, or not at all, no signature could ever be checked. */
const SECRET = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?)$/;

/** @throws SecretUnusableError with one line that quotes nothing of the file */
export function readWebhookSecrets(file: string): readonly Buffer[] {
  const lines = readLines(file);
  const secrets = lines.map((line) => SECRET.exec(line)?.[1]);
  const keys = secrets.map((text) => Buffer.from(text ?? '', 'base64'));
  if (keys.length === 0 || keys.length > 2 || keys.some(({ length }) => length < LEAST_BYTES))
    throw new SecretUnusableError(
      `${file}: must hold one or two lines "whsec_" and at least ${LEAST_BYTES} random bytes in base64`,
    );
  return keys;
}

function readLines(file: string): readonly string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new SecretUnusableError(`${file}: cannot be read (${code})`, { cause: error });
  }
}
