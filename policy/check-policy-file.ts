/** The answer behind `policy check`: is this file a policy, what is wrong where, and what deserves a second look. */
import { findWarnings } from './authoring/warnings/find-warnings.ts';
import { formatWarnings, type Warning, type WarningCode } from './authoring/warnings/warning.ts';
import { loadPolicy, readPolicy } from './load-policy.ts';
import type { Policy } from './policy.ts';
import { formatMistakes, type Mistake } from './yaml/mistake.ts';

export type PolicyCheck =
  | {
      readonly ok: true;
      readonly policy: Policy;
      readonly warnings: readonly Warning[];
      readonly text: string;
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[]; readonly text: string };

/**
 * @param file name to print before each mistake
 * @param content the text of the file
 * @param accepted warnings that the author has thought about and wants to hear no more of
 */
export function checkPolicyFile(
  file: string,
  content: string,
  accepted: readonly WarningCode[] = [],
): PolicyCheck {
  const loaded = loadPolicy(content);
  if (!loaded.ok) {
    const text = `${formatMistakes(file, loaded.mistakes)}\n${count(loaded.mistakes.length, 'mistake')} in ${file}`;
    return { ok: false, mistakes: loaded.mistakes, text };
  }
  const read = readPolicy(content);
  const found = read.ok ? findWarnings(read.file, read.positionOf) : [];
  const warnings = found.filter(({ code }) => !accepted.includes(code));
  const { policy } = loaded;
  const { reads, writes } = policy.settings.otherwise;
  const tests = read.ok ? read.file.tests.length : 0;
  const good = `${file} is good: ${count(policy.rules.length, 'rule')}, ${tests === 0 ? 'no tests' : `${count(tests, 'test')} passed`}; otherwise reads ${reads}, writes ${writes}`;
  const text =
    warnings.length === 0
      ? good
      : `${formatWarnings(file, warnings)}\n\n${good}\n${count(warnings.length, 'warning')}, nothing that keeps it from being used`;
  return { ok: true, policy, warnings, text };
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
