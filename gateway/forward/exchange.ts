/** One request upstream and its answer: what undici tells of it, held until somebody reads it and passed on at their pace. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Writable } from 'node:stream';
import { errors, type Dispatcher } from 'undici';
import { breakOff, type BodySource } from '../answer.ts';
import type { UpstreamFailure, UpstreamRequest, UpstreamResult } from './forward.ts';

/** Bytes held for an answer that nobody has begun to read yet. */
const AHEAD = 64 * 1024;
/** Apps that take long say so every now and then; one that says nothing else has no answer. */
const MOST_INTERIM = 100;
/** Up to here a body that came whole is sent as text. */
const SHORT = 8 * 1024;

/** The handler that undici calls, and the body that the delivery reads. */
export class Exchange implements Dispatcher.DispatchHandler, BodySource {
  readonly result: Promise<UpstreamResult>;
  #answer!: (result: UpstreamResult) => void;
  #answered = false;
  #controller: Dispatcher.DispatchController | null = null;
  #sink: Writable | null = null;
  #ahead: Buffer[] = [];
  #aheadBytes = 0;
  #end: 'completed' | 'broken' | null = null;
  #aborted = false;
  #bytesSent = false;
  #interims = 0;
  #stallMs = 0;
  #stalling: NodeJS.Timeout | undefined;

  readonly #see: UpstreamRequest['see'];

  constructor(see: UpstreamRequest['see']) {
    this.#see = see;
    this.result = new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  get whole(): boolean {
    return this.#end === 'completed';
  }

  readonly abort = (): void => {
    // Said of every answer when its reader goes, which is nearly always after its end; the error below is dear.
    if (this.#end !== null) return;
    this.#aborted = true;
    this.#controller?.abort(new errors.RequestAbortedError());
  };

  pipeTo(sink: Writable, stallMs: number): void {
    this.#sink = sink;
    this.#stallMs = stallMs;
    if (this.#end === 'broken') {
      breakOff(sink);
      return;
    }
    if (this.#end === 'completed') {
      endWith(sink, this.#ahead, this.#aheadBytes);
      this.#ahead = [];
      return;
    }
    let more = true;
    for (const chunk of this.#ahead) more = sink.write(chunk);
    this.#ahead = [];
    sink.on('drain', () => {
      clearTimeout(this.#stalling);
      this.#controller?.resume();
    });
    if (more) this.#controller?.resume();
    else this.#wait();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // From here the request is being written: whether it arrived can no longer be known for certain.
    this.#bytesSent = true;
    if (this.#aborted) controller.abort(new errors.RequestAbortedError());
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status >= 200) this.#begin(status, headers);
    else this.#interim(controller, status);
  }

  /** Only where it was asked for: another 101 tells of no protocol that anybody speaks here. */
  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#begin(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#see?.(chunk);
    if (this.#sink !== null) {
      if (!this.#sink.write(chunk)) this.#wait();
      return;
    }
    this.#ahead.push(chunk);
    this.#aheadBytes += chunk.length;
    if (this.#aheadBytes > AHEAD) controller.pause();
  }

  onResponseEnd(): void {
    this.#finish('completed');
    this.#sink?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#finish('broken');
    if (!this.#answered)
      this.#answer({ kind: 'failed', failure: failureOf(error), maySent: this.#bytesSent, cause: error });
    else if (this.#sink !== null) breakOff(this.#sink);
  }

  #begin(status: number, headers: IncomingHttpHeaders): void {
    this.#answered = true;
    this.#answer({ kind: 'answered', status, headers: linesOf(headers), body: this });
  }

  /** Interim answers are for the hop they came from, and each sets the time anew in which an answer has to come. */
  #interim(controller: Dispatcher.DispatchController, status: number): void {
    this.#interims += 1;
    if (status === 101) controller.abort(new OddAnswerError('unasked_101'));
    else if (this.#interims > MOST_INTERIM) controller.abort(new OddAnswerError('endless_1xx'));
  }

  /** A reader that takes nothing holds a connection to the app for nothing: after a while it is let go. */
  #wait(): void {
    this.#controller?.pause();
    clearTimeout(this.#stalling);
    if (this.#stallMs > 0) this.#stalling = setTimeout(() => this.#sink?.destroy(), this.#stallMs);
  }

  #finish(ending: 'completed' | 'broken'): void {
    clearTimeout(this.#stalling);
    this.#end = ending;
  }
}

class OddAnswerError extends Error {
  override readonly name = 'OddAnswerError';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * A short body goes out as text, which Node sends together with the head in one string: that saves a tenth of all that
 * an answer costs. latin1 keeps every byte. Longer ones would pay more for the copy.
 */
function endWith(sink: Writable, chunks: readonly Buffer[], bytes: number): void {
  const whole = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes);
  if (bytes > SHORT) sink.end(whole);
  else sink.end(whole?.toString('latin1'), 'latin1');
}

function failureOf(error: Error): UpstreamFailure['failure'] {
  const code = 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'unreachable';
    default:
      return 'broken';
  }
}

/**
 * undici has read the lines already, as latin1, which keeps every byte (RFC 9110 section 5.5); reading its raw ones
 * a second time is what would cost most on the whole way of an answer.
 */
function linesOf(headers: IncomingHttpHeaders): string[] {
  const lines: string[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (typeof value === 'string') lines.push(name, value);
    else for (const one of value ?? []) lines.push(name, one);
  }
  return lines;
}
