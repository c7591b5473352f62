/** Which processor cores this run may use, and which of them belongs to whom. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

export type Cores = {
  /** The proxy under test has this one to itself. */
  readonly proxy: number;
  readonly upstream: number;
  readonly load: number;
  readonly model: string;
  /** All of them. */
  readonly all: readonly number[];
};

/** @throws where pinning is not possible, with a sentence that says why. */
export function assignCores(): Cores {
  const allowed = allowedCores();
  const [first, second, third] = allowed;
  if (first === undefined || second === undefined) {
    throw new Error('the bench needs two processor cores: one for the proxy, one for everything around it');
  }
  return {
    proxy: second,
    upstream: third ?? first,
    load: first,
    model: cpus()[0]?.model.trim() ?? 'unknown processor',
    all: allowed,
  };
}

function allowedCores(): readonly number[] {
  let answer: string;
  try {
    answer = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
  } catch {
    throw new Error('the bench needs Linux and its command taskset, to give every process its core');
  }
  const list = answer.slice(answer.lastIndexOf(':') + 1).trim();
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
