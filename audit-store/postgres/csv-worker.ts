/** The thread that makes lines of the CSV out of what PostgreSQL answers. */
import { workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { CsvPage } from '../csv-lines.ts';
import { serve } from '../serve.ts';
import type { CsvRequest } from './csv-thread.ts';
import { openPool } from './database.ts';
import { describeFailure } from './failure.ts';
import { readCsv } from './read-csv.ts';

const setup = z.object({ url: z.string(), patienceMs: z.number() }).parse(workerData);

serve<CsvRequest, CsvPage>(() => {
  const pool = openPool(setup);
  return {
    handle: ({ filter, page }) => readCsv(pool, filter, page),
    handOver: ({ lines }) => [lines.buffer],
    // A question that hangs would hold up whoever is closing; the thread ends with it.
    close: () => process.exit(),
  };
}, describeFailure);
