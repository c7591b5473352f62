/** A request for a WebSocket on its way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Seat } from '../seat.ts';
import type { Settled } from '../settle/settle.ts';

/** Every answer but a 101 goes by the response, and ends the connection. */
export type Asking = {
  readonly request: Settled;
  readonly incoming: IncomingMessage;
  /** What came behind the request. */
  readonly head: Buffer;
  readonly response: ServerResponse;
  readonly seat: Extract<Seat, { kind: 'ordinary' | 'acting' | 'assisted' }>;
};
