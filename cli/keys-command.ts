/** `understudy keys …`: the gateway's own keys, renewed and shown to those who check what they signed. */
import { parseArgs } from 'node:util';
import { noteVerifier, verifierText } from '../audit-store/index.ts';
import { loadConfig, openCheckpointKey, rotateKeys, rotateSealKey, type Config } from '../gateway/index.ts';
import { ConfigurationError } from './configuration-error.ts';
import { UsageError } from './usage-error.ts';

export async function keysCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  const { values } = parseArgs({
    args: rest,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      'at-once': { type: 'boolean', default: false },
    },
  });
  switch (verb) {
    case 'rotate':
      return rotate(configAt(values.config), values['at-once']);
    case 'verifier':
      return verifier(configAt(values.config));
    case undefined:
    default:
      throw new UsageError('understudy keys knows: rotate, verifier');
  }
}

function configAt(file: string): Config {
  const loaded = loadConfig(file);
  if (!loaded.ok) throw new ConfigurationError(loaded.report);
  return loaded.config;
}

/** What signs subject tokens and, where sessions are in Redis, what seals them there. */
async function rotate({ keys, delegation, sessions }: Config, atOnce: boolean): Promise<number> {
  const { algorithm } = delegation;
  const how = { folder: keys.folder, now: Date.now(), atOnce };
  const { file, from } = await rotateKeys({ ...how, algorithm });
  process.stdout.write(`${file} is published from now on, and signs from ${new Date(from).toISOString()}\n`);
  if (sessions.redis === undefined) return 0;
  const seal = await rotateSealKey(how);
  const since = new Date(seal.from).toISOString();
  process.stdout.write(`${seal.file} opens from now on, and seals sessions in Redis from ${since}\n`);
  return 0;
}

async function verifier({ keys, audit }: Config): Promise<number> {
  const key = await openCheckpointKey(keys.folder);
  process.stdout.write(`${verifierText(noteVerifier(audit.checkpoints.origin, key))}\n`);
  return 0;
}
