/** Whoever is first to write while the record hangs may have to wait for it; whoever comes after is refused at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Onlookers } from './onlookers.ts';

/** Far less than the first may wait, and as much as a busy machine needs. */
const AT_ONCE_MS = 2500;
const LEAST = 10;

/** @param forMs how long others go on trying after the first */
export async function refusedAtOnce({ mia }: Onlookers, forMs: number): Promise<void> {
  const order = async (): Promise<void> => {
    const answer = await mia.send('POST', '/api/orders', {});
    expect(answer.status).toBe(503);
    await answer.arrayBuffer();
  };
  await order();
  const waits: number[] = [];
  for (const began = performance.now(); performance.now() - began < forMs || waits.length < LEAST;) {
    const asked = performance.now();
    await order();
    waits.push(performance.now() - asked);
    await sleep(20);
  }
  expect(Math.max(...waits)).toBeLessThan(AT_ONCE_MS);
}
