/** A folder for one test's record, and a clock that the test sets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Path of a record that does not exist yet; its folder goes away with the test. */
export function recordFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 'audit.db');
}

export const NOON = Date.UTC(2026, 3, 18, 16);

/** Stands still unless the test moves it. */
export function testClock(start = NOON) {
  let now = start;
  return {
    now: () => now,
    set(time: number) {
      now = time;
    },
  };
}
