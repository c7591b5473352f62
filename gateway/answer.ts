/** Status, headers and body about to be delivered, whoever wrote them. */
import { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** A body that flows: bytes arrive when the sink takes them. */
export interface BodySource {
  /**
   * Starts the flow; ends the sink at the end, destroys it when the source breaks off. Call once.
   * @param stallMs how long the sink may take nothing before it is destroyed, in milliseconds; 0 for any time
   */
  pipeTo(sink: Writable, stallMs: number): void;
  /** Whether all of it is here already, and is written in one go. */
  readonly whole: boolean;
  /** Stops the source; nobody wants the rest. */
  abort(): void;
}

export type Answer = {
  readonly status: number;
  /** Name and value in turn, as Node's `rawHeaders`; repeated names are repeated lines. */
  readonly headers: readonly string[];
  readonly body: Buffer | BodySource;
};

/** First value of a header by lower-case name. */
export function answerHeader(headers: readonly string[], name: string): string | null {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1] ?? null;
  }
  return null;
}

/** The lines whose lower-case name the predicate keeps. */
export function keepHeaders(
  headers: readonly string[],
  keep: (name: string, value: string) => boolean,
): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (keep(name.toLowerCase(), value)) kept.push(name, value);
  }
  return kept;
}

/** Destroys where an answer goes. A browser that got not even a head may send its request once more by itself, an order too. */
export function breakOff(sink: Writable): void {
  if (sink instanceof ServerResponse && sink.headersSent && !sink.destroyed) sink.flushHeaders();
  sink.destroy();
}
