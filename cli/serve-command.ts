/** `understudy serve`: runs the gateway until it is told to stop. */
import { parseArgs } from 'node:util';
import { untilStopped } from './until-stopped.ts';
import { serve } from './serve.ts';

export async function serveCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { config: { type: 'string', default: 'gateway.yaml' } } });
  const gateway = await serve({ configFile: values.config });
  process.on('SIGHUP', () => void gateway.reloadPolicy());
  await untilStopped(() => gateway.close());
  return 0;
}
