/** Sends one settled request upstream by undici's dispatch, both bodies streaming under back-pressure. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { BodySource } from '../answer.ts';
import { Exchange } from './exchange.ts';

export type UpstreamRequest = {
  readonly method: string;
  /** Path and query, in the one spelling that was decided on. */
  readonly target: string;
  readonly headers: string[];
  readonly body: Buffer | Readable | null;
  /** Is shown each piece of the answer's body, in order. */
  readonly see?: ((chunk: Buffer) => void) | undefined;
};

export type UpstreamAnswer = {
  readonly kind: 'answered';
  readonly status: number;
  /** Name and value in turn, names in lower case; repeated names are repeated lines. */
  readonly headers: readonly string[];
  readonly body: BodySource;
};

export type UpstreamFailure = {
  readonly kind: 'failed';
  readonly failure: 'unreachable' | 'timeout' | 'broken';
  /** False only if it is certain that the upstream never saw the request. */
  readonly maySent: boolean;
  readonly cause: Error;
};

export type UpstreamResult = UpstreamAnswer | UpstreamFailure;

/** A request under way. Aborting it after its end does nothing. */
export type Sending = { readonly result: Promise<UpstreamResult>; readonly abort: () => void };

/** Where requests to the app go in. */
export type Sender = Pick<Dispatcher, 'dispatch'>;

/** Never rejects. A request is sent at most once: a write is not repeated on another connection. */
export function forward(sender: Sender, origin: string, request: UpstreamRequest): Sending {
  const exchange = new Exchange(request.see);
  try {
    sender.dispatch(
      {
        origin,
        path: request.target,
        method: request.method,
        headers: request.headers,
        body: request.body,
        // Never resent by the client itself, whatever the method.
        idempotent: false,
      },
      exchange,
    );
  } catch (error) {
    exchange.onResponseError(null, error instanceof Error ? error : new Error(String(error)));
  }
  return exchange;
}
