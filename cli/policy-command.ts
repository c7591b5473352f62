/** `understudy policy …`: what a policy says, before it goes live and while it is in force. */
import { policyCheck } from './policy-check.ts';
import { policyCoverage } from './policy-coverage.ts';
import { policyExplain } from './policy-explain.ts';
import { policyProbe } from './policy-probe.ts';
import { policySchema } from './policy-schema.ts';
import { policyTest } from './policy-test.ts';
import { UsageError } from './usage-error.ts';

const VERBS = 'check, test, explain, coverage, probe, schema';

export async function policyCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  switch (verb) {
    case 'check':
      return policyCheck(rest);
    case 'test':
      return policyTest(rest);
    case 'explain':
      return policyExplain(rest);
    case 'coverage':
      return policyCoverage(rest);
    case 'probe':
      return policyProbe(rest);
    case 'schema':
      return policySchema(rest);
    case undefined:
    default:
      throw new UsageError(
        `${verb === undefined ? 'understudy policy wants a word more' : `there is no "policy ${verb}"`}; it knows ${VERBS}`,
      );
  }
}
