/** `understudy policy check` and `policy explain`: what a file says, before it goes live. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkPolicyFile, explain, type Person } from '../policy/index.ts';
import { UsageError } from './usage-error.ts';

export function policyCommand(args: string[]): number {
  const [verb, ...rest] = args;
  if (verb === 'check') return check(rest);
  if (verb === 'explain') return explainRequest(rest);
  throw new UsageError('understudy policy knows: check, explain');
}

function check(args: string[]): number {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const file = positionals[0] ?? 'policy.yaml';
  const result = checkPolicyFile(file, readFileSync(file, 'utf8'));
  (result.ok ? process.stdout : process.stderr).write(`${result.text}\n`);
  return result.ok ? 0 : 1;
}

function explainRequest(args: string[]): number {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      policy: { type: 'string', default: 'policy.yaml' },
      as: { type: 'string' },
      for: { type: 'string' },
      assisted: { type: 'boolean', default: false },
    },
  });
  const [method, target] = positionals;
  if (method === undefined || target === undefined || !target.startsWith('/')) {
    throw new UsageError('understudy policy explain METHOD /path');
  }
  const result = checkPolicyFile(values.policy, readFileSync(values.policy, 'utf8'));
  if (!result.ok) {
    process.stderr.write(`${result.text}\n`);
    return 1;
  }
  const { summary } = explain(result.policy, {
    side: values.assisted ? 'assisted' : 'acting',
    method,
    target,
    ...(values.as === undefined ? {} : { actor: person('actor', values.as) }),
    ...(values.for === undefined ? {} : { subject: person('subject', values.for) }),
  });
  process.stdout.write(`${summary}\n`);
  return 0;
}

function person(name: string, role: string): Person {
  return {
    id: name,
    name,
    email: '',
    roles: [role],
    market: null,
    active: true,
    assignedTo: null,
    claims: {},
  };
}
