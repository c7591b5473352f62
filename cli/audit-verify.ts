/** `understudy audit verify`: walks the record, and compares it with checkpoints that were kept elsewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  noteVerifier,
  parseVerifier,
  readCheckpoints,
  type SignedHead,
  type VerifiersOf,
  type VerifyOptions,
  verifyPostgresRecord,
  verifyRecord,
} from '../audit-store/index.ts';
import { readCheckpointKey } from '../gateway/index.ts';
import { recordAt } from './record-at.ts';
import { UsageError } from './usage-error.ts';

type Checked = {
  readonly checkpoints: readonly SignedHead[];
  /** Null where no key was given. */
  readonly verifiersOf: VerifiersOf | null;
};

export async function auditVerify(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      checkpoints: { type: 'string', multiple: true, default: [] },
      verifier: { type: 'string', multiple: true, default: [] },
      keys: { type: 'string' },
    },
  });
  const place = recordAt(positionals);
  const given = await checkpointsGiven(values);
  if (typeof given === 'string') {
    process.stderr.write(`${given}\n`);
    return 1;
  }
  const verification: VerifyOptions = {
    checkpoints: given.checkpoints,
    ...(given.verifiersOf === null ? {} : { verifiersOf: given.verifiersOf }),
    onProgress: process.stderr.isTTY ? showProgress : () => undefined,
  };
  const result =
    place.kind === 'file'
      ? await verifyRecord(place.file, verification)
      : await verifyPostgresRecord(place.url, verification);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (!result.ok) {
    process.stderr.write(
      `${place.name} is not whole at entry ${result.seq}: ${result.problem} (${result.detail})\n`,
    );
    return 1;
  }
  const { entries, absent, checkpoints, lastHash } = result;
  const cut = absent === 0 ? '' : `, of which 1 to ${absent} were pruned or stand in an older file`;
  const said = checkpoints === 1 ? '1 checkpoint says' : `${checkpoints} checkpoints say`;
  const agreed = checkpoints === 0 ? '' : `, as ${said}`;
  process.stdout.write(`${place.name} is whole: ${entries} entries${cut}, last hash ${lastHash}${agreed}\n`);
  return 0;
}

/** A text says what is wrong with the checkpoints themselves. */
async function checkpointsGiven(values: {
  readonly checkpoints: readonly string[];
  readonly verifier: readonly string[];
  readonly keys?: string | undefined;
}): Promise<Checked | string> {
  const verifiers = values.verifier.map((text) => {
    const verifier = parseVerifier(text);
    if (verifier === null) throw new UsageError(`"${text}" is no verifier; see understudy keys verifier`);
    return verifier;
  });
  if (values.checkpoints.length > 0 && verifiers.length === 0 && values.keys === undefined) {
    throw new UsageError(
      '--checkpoints needs --verifier TEXT or --keys FOLDER, to know whose signature counts',
    );
  }
  const own = values.keys === undefined ? null : await readCheckpointKey(values.keys);
  const verifiersOf: VerifiersOf = (name) => [
    ...verifiers,
    // Whatever the record calls itself: the key is what counts.
    ...(own === null ? [] : [noteVerifier(name, own)]),
  ];
  const heads: SignedHead[] = [];
  const names = new Set<string>();
  for (const path of values.checkpoints) {
    if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
    const read = readCheckpoints(readFileSync(path, 'utf8'), verifiersOf);
    if (!read.ok) return `${path} is not to be relied on: ${read.problem}`;
    if (read.checkpoints.length === 0) return `${path} has no checkpoint in it`;
    heads.push(...read.checkpoints);
    for (const { origin } of read.checkpoints) names.add(origin);
  }
  if (names.size > 1) return `the checkpoints are of different records: ${[...names].join(', ')}`;
  const known = verifiers.length > 0 || own !== null;
  return { checkpoints: heads, verifiersOf: known ? verifiersOf : null };
}

function showProgress(done: number, total: number): void {
  process.stderr.write(`\r${done} of ${total} entries`);
}
