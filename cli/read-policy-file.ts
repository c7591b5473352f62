/** Reads a policy file for a command; what is wrong with it is printed, and the command has nothing to work with. */
import { existsSync, readFileSync } from 'node:fs';
import { formatMistakes, readPolicy, type ReadPolicy } from '../policy/index.ts';
import { UsageError } from './usage-error.ts';

/** Null when the file is no policy; its mistakes are on standard error then. */
export function readPolicyFile(file: string): (ReadPolicy & { ok: true }) | null {
  const read = readPolicy(readInput(file, 'policy'));
  if (read.ok) return read;
  process.stderr.write(`${formatMistakes(file, read.mistakes)}\n`);
  return null;
}

/** @throws UsageError where there is no such file */
export function readInput(file: string, what: string): string {
  if (!existsSync(file)) throw new UsageError(`there is no ${what} at ${file}`);
  return readFileSync(file, 'utf8');
}
