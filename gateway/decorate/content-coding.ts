/** Undoes and redoes a content coding as a stream: what goes in as one chunk comes out without waiting for the next. */
import * as zlib from 'node:zlib';
import { Duplex, Transform } from 'node:stream';
import type { Coding } from './page-head.ts';

/** A page larger than this, decoded, is a decompression bomb: its stream ends in an error. */
export const MAX_DECODED_BYTES = 32 * 1024 * 1024;

type Coder = { readonly decoder: () => Duplex; readonly encoder: () => Duplex };

/** Every encoder flushes after each chunk it is given; the levels are those that keep up with a network. */
const CODERS: Readonly<Record<Exclude<Coding, 'identity'>, Coder>> = {
  gzip: {
    decoder: () => zlib.createGunzip(),
    encoder: () => zlib.createGzip({ level: 5, flush: zlib.constants.Z_SYNC_FLUSH }),
  },
  deflate: {
    decoder: inflateEither,
    encoder: () => zlib.createDeflate({ level: 5, flush: zlib.constants.Z_SYNC_FLUSH }),
  },
  br: {
    decoder: () => zlib.createBrotliDecompress(),
    encoder: () =>
      zlib.createBrotliCompress({
        flush: zlib.constants.BROTLI_OPERATION_FLUSH,
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 },
      }),
  },
  zstd: {
    decoder: () => zlib.createZstdDecompress(),
    encoder: () => zlib.createZstdCompress({ flush: zlib.constants.ZSTD_e_flush }),
  },
};

/**
 * The streams that take a coded body apart and put it together again; both lists are empty for `identity`.
 * A broken, truncated or bomb-like body ends in an `error` event of one of the decoding streams.
 */
export function codingStreams(
  coding: Coding,
  maxDecodedBytes: number = MAX_DECODED_BYTES,
): { readonly decode: readonly Duplex[]; readonly encode: readonly Duplex[] } {
  if (coding === 'identity') return { decode: [], encode: [] };
  const { decoder, encoder } = CODERS[coding];
  return { decode: [decoder(), limit(maxDecodedBytes)], encode: [encoder()] };
}

function limit(most: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > most) done(new Error(`the decoded page is larger than ${most} bytes`));
      else done(null, chunk);
    },
  });
}

/** `deflate` means the zlib format (RFC 9110 section 8.4.1.2), yet some servers send it without its wrapper. */
function inflateEither(): Duplex {
  let inflate: zlib.Inflate | zlib.InflateRaw | null = null;
  const outer = new Duplex({
    write(chunk: Buffer, _encoding, done) {
      inflate ??= start(chunk[0] ?? 0);
      inflate.write(chunk, () => done());
    },
    final(done) {
      if (inflate === null) outer.destroy(new Error('the deflate body is empty'));
      else inflate.end();
      done();
    },
    read() {
      inflate?.resume();
    },
    destroy(error, done) {
      inflate?.destroy();
      done(error);
    },
  });
  return outer;

  function start(firstByte: number): zlib.Inflate | zlib.InflateRaw {
    // The zlib header names method 8 in its low four bits; raw deflate never starts like that in practice.
    const stream = (firstByte & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
    stream.on('error', (error) => outer.destroy(error));
    stream.on('data', (data: Buffer) => {
      if (!outer.push(data)) stream.pause();
    });
    stream.on('end', () => outer.push(null));
    return stream;
  }
}
