/** What the record keeps of a decided request: its facts, without the parts of the path that a rule keeps off the record. */
import type { IncomingMessage } from 'node:http';
import type { Decided } from '../decide.ts';
import type { Parts } from '../parts.ts';
import { httpFacts } from '../request-facts.ts';
import type { HttpFacts } from './events.ts';

export function recordedFacts(
  { request, decision }: Pick<Decided, 'request' | 'decision'>,
  incoming: IncomingMessage,
  parts: Parts,
): HttpFacts {
  const facts = httpFacts(request, incoming, parts);
  return decision.recordedPath === null ? facts : { ...facts, path: decision.recordedPath };
}
