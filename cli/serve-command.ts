/** `understudy serve`: runs the gateway until it is told to stop. */
import { parseArgs } from 'node:util';
import type { Served } from './serve.ts';
import { untilStopped } from './until-stopped.ts';

export async function serveCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { config: { type: 'string', default: 'gateway.yaml' } } });
  await untilStopped(async () => {
    // A signal that nobody listens to would end the process.
    const { promise: served, resolve } = Promise.withResolvers<Served>();
    process.on('SIGHUP', () => void served.then((gateway) => gateway.reloadPolicy()));
    // To load all of it takes half of the start.
    const { serve } = await import('./serve.ts');
    const gateway = await serve({ configFile: values.config });
    resolve(gateway);
    return () => gateway.close();
  });
  return 0;
}
