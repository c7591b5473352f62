/** `understudy config schema`: the JSON Schema of gateway.yaml for editors, made from what checks it. */
import { parseArgs } from 'node:util';
import { gatewayJsonSchema } from '../gateway/index.ts';
import { UsageError } from './usage-error.ts';

export function configCommand(args: string[]): number {
  const [verb, ...rest] = args;
  if (verb !== 'schema') throw new UsageError('understudy config knows: schema');
  parseArgs({ args: rest });
  process.stdout.write(`${JSON.stringify(gatewayJsonSchema(), null, 2)}\n`);
  return 0;
}
