// The record grows to millions of entries; a page must never be found by reading them all.
import { expect, test } from 'vitest';
import { type AuditFilter, openSqliteAuditStore } from '../../audit-store/index.ts';
import { type Connection, openConnection } from '../../audit-store/sqlite/database.ts';
import { pageSeqs } from '../../audit-store/sqlite/event-query.ts';
import { recordFile, testClock } from './record-folder.ts';
import { sampleEvent } from './sample.ts';

test.each<[AuditFilter, string]>([
  [{}, 'e USING INTEGER PRIMARY KEY'],
  [{ from: 1, before: 9e15 }, 'e USING INTEGER PRIMARY KEY'],
  [{ market: 'valley' }, 'entries_market (market_id=? AND event=? AND outcome=? AND rowid>? AND rowid<?)'],
  [{ event: 'blocked' }, 'entries_kind (event=? AND outcome=? AND rowid>? AND rowid<?)'],
  [{ outcome: 'error' }, 'entries_kind (event=? AND outcome=? AND rowid>? AND rowid<?)'],
  [
    { market: 'valley', event: 'blocked' },
    'entries_market (market_id=? AND event=? AND outcome=? AND rowid>? AND rowid<?)',
  ],
  [{ sessionId: 's1' }, 'entries_session (session_id=? AND rowid>? AND rowid<?)'],
  [
    { manager: 'mia' },
    'entries_actor (actor_ref=? AND market_id=? AND event=? AND outcome=? AND seq>? AND seq<?)',
  ],
  [{ customer: 'sam' }, 'entries_subject (subject_ref=? AND seq>? AND seq<?)'],
  [
    { customer: 'sam', market: 'valley', outcome: 'ok', from: 1 },
    'entries_subject (subject_ref=? AND seq>? AND seq<?)',
  ],
])('%j is answered by %s', async (filter, index) => {
  const file = recordFile();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  await store.append(sampleEvent());
  await store.close();
  const connection = openConnection(file, { readOnly: true, busyTimeoutMs: 0 });
  try {
    const plan = plansOf(connection, (watched) => pageSeqs(watched, filter, { limit: 50 }));
    expect(plan).toContain(index);
    expect(plan).not.toContain('SCAN entries');
    expect(plan).not.toContain('SCAN e ');
  } finally {
    connection.close();
  }
});

/** What SQLite plans for every statement that the work prepares, a line each. */
function plansOf(connection: Connection, work: (watched: Connection) => void): string {
  const statements: string[] = [];
  const watched = new Proxy(connection, {
    get(target, name) {
      if (name !== 'prepare')
        throw new Error(`a page is found by prepared statements, not by ${String(name)}`);
      return (sql: string) => {
        statements.push(sql);
        return target.prepare(sql);
      };
    },
  });
  work(watched);
  const plans = statements.flatMap((sql) => {
    const nothing = Array.from({ length: sql.split('?').length - 1 }, () => null);
    const named = { acting: '[]', refs: '[]', needle: '', most: 1 };
    return connection
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(sql.includes('@') ? [named] : nothing));
  });
  return plans.map(({ detail }) => `${detail} `).join('\n');
}
