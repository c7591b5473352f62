/**
 * A gateway in miniature, to be killed: opens the record named on its command line, starts sessions and writes intents
 * and completions without end, and tells each one that is durable on its standard output.
 */
import { writeSync } from 'node:fs';
import { openSqliteAuditStore } from '../../audit-store/index.ts';
import { sampleEvent, startEvent } from './sample.ts';

const [file = '', round = ''] = process.argv.slice(2);
const store = await openSqliteAuditStore({ file, clock: Date });

async function client(name: string): Promise<never> {
  const sessionId = `${round}-${name}`;
  await store.append(startEvent(sessionId));
  for (let i = 0; ; i += 1) {
    const event = sampleEvent({ sessionId, requestId: `${sessionId}-${i}` });
    const intent = await store.intend(event);
    // From here on the write would be forwarded.
    writeSync(1, `intent ${intent}\n`);
    await store.append(event, intent);
    writeSync(1, `done ${intent}\n`);
  }
}

// One whose upstream never answers.
await store.append(startEvent(`${round}-hangs`));
writeSync(1, `intent ${await store.intend(sampleEvent({ sessionId: `${round}-hangs` }))}\n`);

await Promise.all(['a', 'b', 'c', 'd'].map((name) => client(name)));
