/** Ends what gateways left open that are no more, and nothing of one that lives. */
import { setTimeout as sleep } from 'node:timers/promises';
import { recover, type Recovered, type RecoverOptions } from '../recover.ts';
import type { Connection } from './database.ts';
import { openEnds } from './open-ends.ts';
import { closeAllBut, readRuns } from './runs.ts';

export type LeftOpenOptions = Pick<RecoverOptions, 'append' | 'conclude' | 'run' | 'isLive'> & {
  /** Told of each session whose trace may lack something, and why. */
  readonly onLost: (sessionId: string, why: string) => void;
};

/** How long a gateway whose connection was cut has to open another before its intents count as left behind. */
const COMES_BACK_MS = 2000;
const LAST_MOMENTS = 'what was decided just before a gateway was cut off may be missing';

/** @param upTo the last entry before anybody was asked which sessions live */
export async function recoverLeftOpen(
  connection: Connection,
  upTo: number,
  { onLost, ...options }: LeftOpenOptions,
): Promise<Recovered> {
  let runs = await readRuns(connection);
  if (runs.missing > 0) {
    await sleep(COMES_BACK_MS);
    runs = await readRuns(connection);
  }
  const { living, missing } = runs;
  const recovered = await recover({
    ...options,
    reader: openEnds(connection, living, upTo),
    onOpenSession(sessionId) {
      // Whichever gateway it was that died, requests of this session may have gone through it.
      if (missing > 0) onLost(sessionId, LAST_MOMENTS);
    },
  });
  await closeAllBut(connection, [...living, options.run]);
  return recovered;
}
