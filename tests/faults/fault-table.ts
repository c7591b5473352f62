/** The table of faults: each test says what it saw, and that is what stands in docs/faults.md. */
import { appendFileSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { FAULTS_PAGE, rowOf, type Fault } from './fault-rows.ts';

/** Holds the page to what was seen; with FAULTS_SEEN set, collects it there instead, for the page to be written anew. */
export function seen(fault: Fault): void {
  const collect = process.env['FAULTS_SEEN'];
  if (collect !== undefined) {
    appendFileSync(collect, `${JSON.stringify(fault)}\n`);
    return;
  }
  expect(readFileSync(FAULTS_PAGE, 'utf8').split('\n')).toContain(rowOf(fault));
}
