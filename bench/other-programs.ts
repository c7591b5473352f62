/** How much of the machine other programs take while a run measures: on a busy machine a figure is a guess. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ticksPerSecond } from './pinned-process.ts';

/** @param ours seconds of CPU that everything of this run has used so far. Answers their share of all cores, from 0 to 1. */
export function watchOtherPrograms(ours: () => number): () => number {
  const began = performance.now();
  const atFirst = busySeconds() - ours();
  return () => {
    const seconds = (performance.now() - began) / 1_000;
    return Math.max(0, busySeconds() - ours() - atFirst) / (seconds * availableParallelism());
  };
}

/** proc(5): of `cpu` in /proc/stat, everything but idle and waiting; guests are counted among users already. */
function busySeconds(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
}
