/** `understudy policy schema`: the JSON Schema of policy.yaml for editors, made from what checks it. */
import { parseArgs } from 'node:util';
import { policyJsonSchema } from '../policy/index.ts';

export function policySchema(args: string[]): number {
  parseArgs({ args });
  process.stdout.write(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  return 0;
}
