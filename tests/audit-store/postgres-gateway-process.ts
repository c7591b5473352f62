/** A gateway in miniature, to be killed: begins a write on the PostgreSQL record named on its command line, and never ends it. */
import { writeSync } from 'node:fs';
import { openPostgresAuditStore } from '../../audit-store/index.ts';
import { sampleEvent } from './sample.ts';

const [url = ''] = process.argv.slice(2);
const store = await openPostgresAuditStore({ url, clock: Date, instanceId: 'dead' });
await store.intend(sampleEvent({ action: 'left open' }));
writeSync(1, 'begun\n');
setInterval(() => undefined, 60_000);
