/** `understudy policy check`: every mistake of a file, and everything in it that deserves a second look. */
import { parseArgs } from 'node:util';
import { checkPolicyFile, nearestWord, WARNING_CODES, type WarningCode } from '../policy/index.ts';
import { readInput } from './read-policy-file.ts';
import { UsageError } from './usage-error.ts';

export function policyCheck(args: string[]): number {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      strict: { type: 'boolean', default: false },
      accept: { type: 'string', default: '' },
    },
  });
  const file = positionals[0] ?? 'policy.yaml';
  const result = checkPolicyFile(file, readInput(file, 'policy'), codesIn(values.accept));
  const fails = !result.ok || (values.strict && result.warnings.length > 0);
  (fails ? process.stderr : process.stdout).write(
    `${result.text}${result.ok && fails ? ', but for --strict' : ''}\n`,
  );
  return fails ? 1 : 0;
}

function codesIn(text: string): readonly WarningCode[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => {
      const known = WARNING_CODES.find((code) => code === word);
      if (known !== undefined) return known;
      const near = nearestWord(word, WARNING_CODES);
      throw new UsageError(
        `there is no warning "${word}"; ${near === null ? `known are ${WARNING_CODES.join(', ')}` : `did you mean "${near}"?`}`,
      );
    });
}
