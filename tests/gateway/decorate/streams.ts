/** Sends bytes through streams, chunk by chunk, and gives what comes out. */
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { insertIntoBody } from '../../../gateway/decorate/insert-into-body.ts';

export async function through(chunks: readonly Buffer[], streams: readonly Duplex[]): Promise<Buffer> {
  const out: Buffer[] = [];
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) out.push(chunk);
  };
  await pipeline([Readable.from(chunks), ...streams, collect]);
  return Buffer.concat(out);
}

/** What is inserted in these tests. */
export const MARK = '[HERE]';

/** The page with the mark in it, and whether there was no place for it. */
export async function insertMark(
  chunks: readonly (Buffer | string)[],
  rewriteMetaPolicy: (policy: string) => string | null = () => null,
): Promise<{ readonly page: Buffer; readonly missed: boolean }> {
  let missed = false;
  const stream = insertIntoBody({ html: MARK, rewriteMetaPolicy, onMissed: () => (missed = true) });
  const page = await through(
    chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)),
    [stream],
  );
  return { page, missed };
}
