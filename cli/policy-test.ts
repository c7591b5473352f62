/** `understudy policy test`: asks a policy everything that the tests in its file ask. */
import { parseArgs } from 'node:util';
import { runTests } from '../policy/index.ts';
import { readPolicyFile } from './read-policy-file.ts';

export function policyTest(args: string[]): number {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const name = positionals[0] ?? 'policy.yaml';
  const read = readPolicyFile(name);
  if (read === null) return 1;
  const { policy, file, positionOf } = read;
  if (file.tests.length === 0) {
    process.stdout.write(
      `${name} holds no tests. Add some, for instance:\n\ntests:\n  - { name: nobody changes a password, as: market_manager, for: shopper, send: PUT /api/password, expect: block }\n`,
    );
    return 0;
  }
  const results = runTests(policy, file.tests);
  for (const [index, { test, failure }] of results.entries()) {
    if (failure === null) process.stdout.write(`  ok    ${test.name}\n`);
    else
      process.stdout.write(
        `  FAIL  ${test.name}\n        ${failure} (${name}:${positionOf(['tests', index]).line})\n`,
      );
  }
  const failed = results.filter(({ failure }) => failure !== null).length;
  const tested = new Set(file.tests.map(({ rule }) => rule));
  const untested = policy.rules.filter(({ id }) => !tested.has(id)).map(({ id }) => id);
  process.stdout.write(`\n${results.length - failed} passed, ${failed} failed\n`);
  if (untested.length > 0) process.stdout.write(`rules that no test names: ${untested.join(', ')}\n`);
  return failed > 0 ? 1 : 0;
}
