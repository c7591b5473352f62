// The record grows to millions of entries; a page must never be found by reading them all.
import { expect, test } from 'vitest';
import { type AuditFilter, openSqliteAuditStore } from '../../audit-store/index.ts';
import { openConnection } from '../../audit-store/sqlite/database.ts';
import { eventQuery } from '../../audit-store/sqlite/event-query.ts';
import { recordFile, testClock } from './record-folder.ts';
import { sampleEvent } from './sample.ts';

test.each<[AuditFilter, string]>([
  [{}, 'entries USING INTEGER PRIMARY KEY'],
  [{ from: 1, before: 9e15 }, 'entries USING INTEGER PRIMARY KEY'],
  [{ market: 'valley' }, 'entries_market '],
  [{ event: 'blocked' }, 'entries_event '],
  [{ outcome: 'error' }, 'entries_outcome '],
  [{ market: 'valley', event: 'blocked' }, 'entries_market_event '],
  [{ market: 'valley', outcome: 'error' }, 'entries_market_outcome '],
  [{ sessionId: 's1' }, 'entries_session '],
  [{ manager: 'mia' }, 'entries_actor '],
  [{ customer: 'sam' }, 'entries_subject '],
  [{ customer: 'sam', market: 'valley', outcome: 'ok', from: 1 }, 'entries_subject '],
])('%j is answered by %s', async (filter, index) => {
  const file = recordFile();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  await store.append(sampleEvent());
  await store.close();
  const connection = openConnection(file, { readOnly: true, busyTimeoutMs: 0 });
  try {
    const query = eventQuery(connection, filter, { limit: 50 });
    const plan = connection
      .prepare<[Record<string, unknown>], { detail: string }>(`EXPLAIN QUERY PLAN ${query?.sql ?? ''}`)
      .all(query?.values ?? {})
      .map(({ detail }) => `${detail} `)
      .join('\n');
    expect(plan).toContain(`SEARCH entries USING`);
    expect(plan).toContain(index);
    expect(plan).not.toContain('SCAN entries');
  } finally {
    connection.close();
  }
});
