/** A stream that passes a page on as it comes, with a piece of HTML inserted where its body starts. */
import { Transform } from 'node:stream';
import { findBodyStart } from './body-start.ts';

/** A head longer than this is passed on as it is: reading it would cost more than it is worth. */
export const MAX_HEAD_BYTES = 1024 * 1024;

export type Insertion = {
  /** ASCII only, so that it means the same in every encoding the page may have. */
  readonly html: string;
  readonly rewriteMetaPolicy: (policy: string) => string | null;
  /** Called at most once, when the page goes out without its decoration. */
  readonly onMissed: () => void;
};

/**
 * Holds back no more than the tag that is being read, at most MAX_HEAD_BYTES; after the place is found, chunks pass
 * untouched. Errors of its own it has none.
 */
export function insertIntoBody(insertion: Insertion): Transform {
  const body = findBodyStart(insertion.rewriteMetaPolicy);
  let state: 'mark' | 'reading' | 'passing' = 'mark';
  /** Bytes not yet passed on, and the offset of their first one. */
  let held: Buffer = Buffer.alloc(0);
  let heldFrom = 0;
  let read = 0;
  /** The byte order mark is no part of the page: offsets count from after it. */
  let mark: Buffer = Buffer.alloc(0);

  const page = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (state === 'passing') return done(null, chunk);
      if (state === 'reading') return readOn(chunk, done);
      mark = Buffer.concat([mark, chunk]);
      const known = markOf(mark);
      if (known === null) return done();
      begin(known, done);
    },
    flush(done) {
      if (state === 'passing') return done();
      if (state === 'mark')
        return begin(markOf(Buffer.concat([mark, Buffer.alloc(3)])) ?? 0, () => end(done));
      end(done);
    },
  });
  return page;

  function begin(known: number | 'utf-16', done: () => void): void {
    if (known === 'utf-16') {
      state = 'passing';
      page.push(mark);
      insertion.onMissed();
      return done();
    }
    state = 'reading';
    if (known > 0) page.push(mark.subarray(0, known));
    readOn(mark.subarray(known), done);
  }

  function readOn(chunk: Buffer, done: () => void): void {
    if (chunk.length === 0) return done();
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    read += chunk.length;
    body.read(chunk.toString('latin1'), () => {
      release();
      done();
    });
  }

  function end(done: () => void): void {
    body.finish(() => {
      release();
      if (state === 'reading') giveUp();
      done();
    });
  }

  function release(): void {
    for (const { start, end: to, text } of body.takeEdits()) {
      passTo(start);
      page.push(Buffer.from(text, 'latin1'));
      held = held.subarray(to - heldFrom);
      heldFrom = to;
    }
    const place = body.found();
    if (place !== null) {
      passTo(place);
      page.push(Buffer.from(insertion.html, 'latin1'));
      state = 'passing';
      if (held.length > 0) page.push(held);
      held = Buffer.alloc(0);
    } else if (body.hopeless() || read > MAX_HEAD_BYTES) {
      giveUp();
    } else {
      passTo(body.settled());
    }
  }

  function giveUp(): void {
    state = 'passing';
    if (held.length > 0) page.push(held);
    held = Buffer.alloc(0);
    insertion.onMissed();
  }

  function passTo(offset: number): void {
    const length = offset - heldFrom;
    if (length <= 0) return;
    page.push(held.subarray(0, length));
    held = held.subarray(length);
    heldFrom = offset;
  }
}

/** Length of the UTF-8 byte order mark the page starts with, `utf-16` for the others, null while too short to tell. */
function markOf(bytes: Buffer): number | 'utf-16' | null {
  if (bytes.length === 0) return null;
  const [first, second, third] = bytes;
  if (first !== 0xef && first !== 0xfe && first !== 0xff) return 0;
  if (second === undefined) return null;
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) return 'utf-16';
  if (first !== 0xef || second !== 0xbb) return 0;
  if (third === undefined) return null;
  return third === 0xbf ? 3 : 0;
}
