/** Whatever breaks, and wherever: a write that was announced on the record does not stay without its end. */
import type { Parts } from '../parts.ts';
import { recordCompletion } from './completion.ts';
import type { Recorded } from './intent.ts';

/** @param carried the carrying out of what was recorded; a stop of the gateway waits for it where it was announced. */
export function neverOpen(recorded: Recorded, carried: Promise<void>, parts: Parts): Promise<void> {
  const watched = recorded.announced === null ? carried : parts.underWay.finish(carried);
  return watched.catch(async (error: unknown) => {
    await recordCompletion(recorded, { statusCode: 500, trouble: 'unknown', details: {} }, parts);
    throw error;
  });
}
