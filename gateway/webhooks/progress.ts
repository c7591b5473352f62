/** How far an endpoint has been told, kept where it survives; and who of several gateways tells it. */
import { appendFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** An event that nobody would take: where it stands in the record, and what was said last. */
export type DeadLetter = {
  readonly seq: number;
  readonly id: string;
  readonly event: string;
  readonly attempts: number;
  readonly why: string;
  readonly at: string;
};

export type Progress = {
  /** Whether this gateway is the one that tells the endpoint now. */
  hold(): Promise<boolean>;
  /** The number of the last entry dealt with; null for an endpoint that is new. */
  load(): Promise<number | null>;
  save(seq: number): Promise<void>;
  bury(letter: DeadLetter): Promise<void>;
  /** Lets another gateway tell it. Never rejects. */
  release(): Promise<void>;
};

const kept = z.object({ seq: z.int().min(0) });

/** For one gateway on one machine. Letters are laid beside it, one JSON text a line. */
export function fileProgress(file: string): Progress {
  return {
    hold: () => Promise.resolve(true),
    async load() {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      });
      return text === null ? null : kept.parse(JSON.parse(text)).seq;
    },
    async save(seq) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      // Whole or not at all, whatever happens in between.
      const handle = await open(`${file}.new`, 'w', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify({ seq })}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.new`, file);
    },
    bury: (letter) => buryIn(file, letter),
    release: () => Promise.resolve(),
  };
}

export async function buryIn(file: string, letter: DeadLetter): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await appendFile(`${file}.dead`, `${JSON.stringify(letter)}\n`, { mode: 0o600, flush: true });
}
