/** What can be said on the command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export type Options = {
  /** How long each peer is loaded in each round. */
  readonly seconds: number;
  readonly rounds: number;
  /** Kept connections of the load generator. */
  readonly connections: number;
  /** Words of which a scenario's or a peer's name must contain one; none means all. */
  readonly only: readonly string[];
  /** Folder for a CPU profile of the gateway, or null. */
  readonly profile: string | null;
};

export const USAGE = `npm run bench -- [--seconds 0.5] [--rounds 28] [--connections 50] [--only WORD]... [--profile FOLDER]

  --seconds      how long each peer is loaded in each round
  --rounds       how many rounds are counted, after a warm-up
  --connections  kept connections of the load generator
  --only         only scenarios (json, page, acting-get, acting-post, acting-post-anywhere) or peers whose name contains the word
  --profile      writes a CPU profile of the gateway into this folder when it stops
`;

/** @throws with a sentence for the person who typed it. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '0.5' },
      rounds: { type: 'string', default: '28' },
      connections: { type: 'string', default: '50' },
      only: { type: 'string', multiple: true, default: [] },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seconds: within('seconds', values.seconds, 0.5, 60),
    rounds: Math.round(within('rounds', values.rounds, 1, 100)),
    connections: Math.round(within('connections', values.connections, 1, 250)),
    only: values.only.map((word) => word.toLowerCase()),
    profile: values.profile ?? null,
  };
}

function within(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new Error(`--${name} takes a number from ${least} to ${most}, not "${text}"`);
}
