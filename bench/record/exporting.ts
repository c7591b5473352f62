/** How fast the whole record leaves as CSV, what memory that takes, and what writes feel of it; beside the database's own program. */
import { once } from 'node:events';
import { exportCsv, type AuditStore } from '../../audit-store/index.ts';
import { timeAppends, type Appended } from './appending.ts';
import type { Place } from './places.ts';

export type Exported = {
  readonly rowsPerSecond: number;
  readonly shellRowsPerSecond: number;
  /** Above what the process held before, MiB at most. */
  readonly growthMiB: number;
  readonly writesAlone: Appended;
  readonly writesMeanwhile: Appended;
};

const FEW_WRITERS = 5;
const WRITE_SECONDS = 3;

export async function timeExport(store: AuditStore, place: Place, rows: number): Promise<Exported> {
  const writesAlone = await timeAppends(store, FEW_WRITERS, WRITE_SECONDS);
  const { result: rowsPerSecond, growthMiB } = await growing(() => exportedPerSecond(store, rows));
  const shellRowsPerSecond = await shellPerSecond(place, rows);
  const writesMeanwhile = await whileExporting(store, () => timeAppends(store, FEW_WRITERS, WRITE_SECONDS));
  return { rowsPerSecond, shellRowsPerSecond, growthMiB, writesAlone, writesMeanwhile };
}

async function exportedPerSecond(store: AuditStore, rows: number): Promise<number> {
  const started = performance.now();
  let bytes = 0;
  for await (const chunk of exportCsv(store, {})) bytes += Buffer.isBuffer(chunk) ? chunk.length : Number.NaN;
  if (!(bytes >= rows * 100)) throw new Error('the export is not whole');
  return (rows * 1000) / (performance.now() - started);
}

/** An export goes on for as long as the work takes, and is given up then. */
async function whileExporting<Result>(store: AuditStore, work: () => Promise<Result>): Promise<Result> {
  const csv = exportCsv(store, {});
  csv.resume();
  try {
    return await work();
  } finally {
    csv.destroy();
  }
}

async function growing<Result>(work: () => Promise<Result>): Promise<{ result: Result; growthMiB: number }> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 50);
  const result = await work();
  clearInterval(timer);
  return { result, growthMiB: (most - before) / 1024 / 1024 };
}

async function shellPerSecond(place: Place, rows: number): Promise<number> {
  const started = performance.now();
  const shell = place.shell();
  shell.stdout.resume();
  await once(shell, 'close');
  if (shell.exitCode !== 0) throw new Error(`the database's own program ended with ${shell.exitCode}`);
  return (rows * 1000) / (performance.now() - started);
}
