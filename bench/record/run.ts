/** `npm run bench:record`: durable appends, pages of a long record by every combination of filters, and its export. */
import { parseArgs } from 'node:util';
import { timeAppends } from './appending.ts';
import { timeExport } from './exporting.ts';
import { LAST_AT, makeRecord } from './made-record.ts';
import { postgresPlaces, sqlitePlaces } from './places.ts';
import { timeFilters } from './reading.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    store: { type: 'string', default: 'sqlite' },
    keep: { type: 'string' },
  },
});
const rows = Number(values.rows);
const clock = { now: () => Date.now() };
const address = process.env['AUDIT_URL'];
if (values.store !== 'sqlite' && (values.store !== 'postgres' || address === undefined))
  throw new Error(
    '--store is sqlite, or postgres with AUDIT_URL naming a database in which schemas may be created',
  );
const kept = values.keep === undefined ? null : { name: 'long', where: values.keep };
const places =
  values.store === 'sqlite' || address === undefined ? sqlitePlaces(kept) : postgresPlaces(address, kept);
process.once('exit', () => places.remove());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

console.log(`The record in ${places.database} on this machine; Node ${process.versions.node}.\n`);
await appends();
await longRecord();

async function appends(): Promise<void> {
  const store = await places.another('appends').open(clock);
  await timeAppends(store, 200, 1);
  const { perSecond, loopP99Ms, p50Ms, p99Ms } = await timeAppends(store, 200, 5);
  await store.close();
  console.log(
    `Durable appends, 200 waiting at a time: ${whole(perSecond)} a second, each after ${p50Ms.toFixed(1)} ms (p99 ${p99Ms.toFixed(1)} ms).`,
  );
  told('appends a second', perSecond, 'at least', 15_000);
  told('event loop late, p99, ms', loopP99Ms, 'at most', 5);
}

async function longRecord(): Promise<void> {
  const place = places.another('long');
  let store = await place.open({ now: () => LAST_AT });
  try {
    const { seq } = await store.head();
    if (seq > 0 && seq < rows) throw new Error(`the record that is kept has only ${seq} entries`);
    const started = performance.now();
    if (seq === 0) {
      await store.close();
      await makeRecord(place, rows);
      store = await place.open({ now: () => LAST_AT });
    }
    const how = seq === 0 ? `made in ${whole((performance.now() - started) / 1000)} s` : 'kept from before';
    console.log(`\nA record of ${whole(rows)} events, ${place.gibibytes().toFixed(1)} GiB (${how}).`);
    const times = await timeFilters(store);
    const slowest = times.toSorted((a, b) => b.p95Ms - a.p95Ms);
    console.log(`\nFirst two pages of 50, ${times.length} combinations of filters; the slowest:`);
    for (const { filters, medianMs, p95Ms } of slowest.slice(0, 8))
      console.log(
        `  ${medianMs.toFixed(1).padStart(8)} ms  p95 ${p95Ms.toFixed(1).padStart(8)} ms  ${filters}`,
      );
    const beyond = times.filter(({ medianMs, p95Ms }) => medianMs > 50 || p95Ms > 150);
    console.log(
      `  ${beyond.length} of ${times.length} take longer than 50 ms at the median or 150 ms at p95.`,
    );
    told('slowest median, ms', Math.max(...times.map(({ medianMs }) => medianMs)), 'at most', 50);
    told('slowest p95, ms', slowest[0]?.p95Ms ?? Number.NaN, 'at most', 150);

    const exported = await timeExport(store, place, rows);
    console.log(
      `\nCSV of everything: ${whole(exported.rowsPerSecond)} rows a second; ${places.program} ${whole(exported.shellRowsPerSecond)}.`,
    );
    told(`to ${places.program}`, exported.rowsPerSecond / exported.shellRowsPerSecond, 'at least', 0.5);
    told('memory beyond what was held, MiB', exported.growthMiB, 'at most', 64);
    const { writesAlone, writesMeanwhile } = exported;
    console.log(
      `Writes meanwhile: p99 ${writesMeanwhile.p99Ms.toFixed(1)} ms, alone ${writesAlone.p99Ms.toFixed(1)} ms.`,
    );
  } finally {
    await store.close();
  }
}

function told(what: string, found: number, bound: 'at least' | 'at most', value: number): void {
  const met = bound === 'at least' ? found >= value : found <= value;
  console.log(`  ${met ? 'met   ' : 'MISSED'}  ${what}: ${found.toFixed(2)}, ${bound} ${value}`);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
}
