/** `understudy policy …`: what a policy says, before it goes live and while it is in force. */
import { UsageError } from './usage-error.ts';

const VERBS = 'check, test, explain, coverage, probe, schema';

export async function policyCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  switch (verb) {
    case 'check':
      return (await import('./policy-check.ts')).policyCheck(rest);
    case 'test':
      return (await import('./policy-test.ts')).policyTest(rest);
    case 'explain':
      return (await import('./policy-explain.ts')).policyExplain(rest);
    case 'coverage':
      return (await import('./policy-coverage.ts')).policyCoverage(rest);
    case 'probe':
      return (await import('./policy-probe.ts')).policyProbe(rest);
    case 'schema':
      return (await import('./policy-schema.ts')).policySchema(rest);
    case undefined:
    default:
      throw new UsageError(
        `${verb === undefined ? 'understudy policy wants a word more' : `there is no "policy ${verb}"`}; it knows ${VERBS}`,
      );
  }
}
