/** Reads the corpus: one raw request a line, and what must come of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const statuses = z.array(z.int()).min(1);

const lineSchema = z.strictObject({
  name: z.string().min(1),
  /** A row of the list of threats, or `honest`. */
  threat: z.string().regex(/^(?:B-\d+|honest)$/),
  /** Bytes as latin1; `{host}`, `{port}`, `{cookie}`, `{session}` and `{identity}` are filled in. */
  raw: z.string().min(1),
  expect: z.strictObject({
    /** Any of these; 0 where the connection may simply close. */
    status: statuses,
    /** The request lines that reach the app: none, exactly these, or any that are no blocked route. */
    forwarded: z.union([z.boolean(), z.array(z.string())]),
    /** Statuses of further answers on the same connection. */
    next: z.array(statuses).optional(),
    /** Whatever reaches the app means the method it is sent with, to every stack. */
    noOverride: z.literal(true).optional(),
    /** A header that does not reach the app. */
    dropped: z.string().optional(),
    /** Whatever reaches the app carries the subject's token and the client's address. */
    seated: z.literal(true).optional(),
    /** The client stops sending after these bytes. */
    halfClose: z.literal(true).optional(),
    sentHeader: z.tuple([z.string(), z.string()]).optional(),
    /** Bytes of the body as they reach the app, where they are not the ones sent; null: not looked at. */
    body: z.string().nullable().optional(),
  }),
});

export type CorpusLine = z.infer<typeof lineSchema>;

/** By file name without its ending. */
export function readCorpus(): ReadonlyMap<string, readonly CorpusLine[]> {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.jsonl'));
  return new Map(files.toSorted().map((file) => [file.replace('.jsonl', ''), linesOf(file)]));
}

function linesOf(file: string): readonly CorpusLine[] {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
}
