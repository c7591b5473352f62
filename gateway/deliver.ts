/** Stage 7: writes an answer to the browser, as fast as it takes it. */
import type { ServerResponse } from 'node:http';
import { pipeline, Writable, type Duplex } from 'node:stream';
import { breakOff, type Answer } from './answer.ts';

export type Delivery = {
  /** What passes between the upstream's body and the browser. */
  readonly transforms: readonly Duplex[];
  /** True where the upstream's answer must be read to its end even if the browser has gone. */
  readonly readToEnd: boolean;
  /** How long the browser may take nothing before it is let go, milliseconds; 0 for any time. */
  readonly stallMs: number;
};

/** For answers of our own, which hold nothing. */
const PLAIN: Delivery = { transforms: [], readToEnd: false, stallMs: 0 };

/** Resolves when all of it was written, or it broke off; null where nothing has to be waited for. Never rejects. */
export function deliver(
  answer: Answer,
  response: ServerResponse,
  how: Delivery = PLAIN,
): Promise<void> | null {
  const { body } = answer;
  if (response.destroyed && !how.readToEnd) {
    if (!Buffer.isBuffer(body)) body.abort();
    return null;
  }
  if (!response.destroyed) response.writeHead(answer.status, [...answer.headers]);
  // All of it is here: nothing is left to wait for, be its browser as slow as it likes.
  if (!Buffer.isBuffer(body) && body.whole && how.transforms.length === 0) {
    if (!response.destroyed) body.pipeTo(response, how.stallMs);
    return null;
  }
  return new Promise((resolve) => {
    if (Buffer.isBuffer(body)) {
      response.once('close', () => resolve());
      response.end(body);
      return;
    }
    const sink = how.readToEnd ? patient(response) : response;
    sink.on('close', () => {
      if (!sink.writableFinished) body.abort();
      resolve();
    });
    const [first, ...rest] = how.transforms;
    if (first === undefined) {
      body.pipeTo(sink, how.stallMs);
      return;
    }
    // A failing transform destroys both ends: the browser must see that the answer is not whole.
    pipeline([first, ...rest, sink], () => undefined);
    body.pipeTo(first, how.stallMs);
  });
}

/** Takes everything to the end for a browser that may leave half-way, at the browser's pace while it is there. */
function patient(response: ServerResponse): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (response.destroyed || response.write(chunk)) return done();
      const go = (): void => {
        response.off('drain', go).off('close', go);
        done();
      };
      response.once('drain', go).once('close', go);
      return undefined;
    },
    final(done) {
      if (!response.destroyed) response.end();
      done();
    },
    destroy(error, done) {
      // Destroyed half-way, with or without an error: the browser must see that the answer is not whole.
      if (!response.writableEnded) breakOff(response);
      done(error);
    },
  });
}
