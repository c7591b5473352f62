/** Lines to a file descriptor that nobody ever waits for: what its reader does not take is dropped, counted and told later. */
import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';

export type LineSink = { write(line: string): void };

export type LineSinkOptions = {
  /** 1 for standard output, 2 for standard error. */
  readonly fd: number;
  /** The line that says how many were dropped. */
  readonly dropped: (count: number) => string;
};

const RETRY_MS = 50;
/** Characters that may wait for the reader. */
const ROOM = 1024 * 1024;

const sinks = new Map<number, LineSink>();

/** One for each descriptor: two would put their lines into the middle of each other's. */
export function lineSink(options: LineSinkOptions): LineSink {
  const sink = sinks.get(options.fd) ?? openSink(options);
  sinks.set(options.fd, sink);
  return sink;
}

function openSink({ fd, dropped }: LineSinkOptions): LineSink {
  const target = unblocked(fd);
  let waiting: string[] = [];
  let length = 0;
  let untold = 0;
  let underWay: Buffer | null = null;

  function send(chunk: Buffer): void {
    underWay = chunk;
    write(target, chunk, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => send(chunk), RETRY_MS).unref();
        return;
      }
      if (error === null && written < chunk.length) return send(chunk.subarray(written));
      // A reader that has gone for good is no reason to stop.
      underWay = null;
      next();
    });
  }

  function next(): void {
    if (untold > 0) waiting.push(dropped(untold));
    untold = 0;
    if (waiting.length === 0) return;
    const chunk = Buffer.from(waiting.join(''));
    waiting = [];
    length = 0;
    send(chunk);
  }

  process.once('exit', () => {
    const rest = underWay === null ? [] : [underWay];
    try {
      for (const chunk of [...rest, Buffer.from(waiting.join(''))]) writeSync(target, chunk);
    } catch {
      // Nobody reads; the process does not stay for that.
    }
  });

  return {
    write(line) {
      if (length + line.length > ROOM) {
        untold += 1;
        return;
      }
      waiting.push(line);
      length += line.length;
      if (underWay === null) next();
    },
  };
}

/**
 * A pipe opened a second time, so that a full one answers EAGAIN instead of holding up whoever writes, without changing
 * it for those who share it. Files take everything; a socket or terminal is written to as it is, by another thread.
 */
function unblocked(fd: number): number {
  try {
    if (!fstatSync(fd).isFIFO()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
}
