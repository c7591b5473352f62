// The story: the gateway dies by SIGKILL between telling the record of a write and hearing what came of it. Whoever asks
// later must find a row for every write that may have been forwarded, and one that says when its end is unknown.
import { expect, test } from 'vitest';
import { openSqliteAuditStore, verifyRecord } from '../../audit-store/index.ts';
import { query } from './raw.ts';
import { recordFile } from './record-folder.ts';
import { runScript } from './run-script.ts';

test(
  'after kills at random instants every intent has exactly one end and every session one too',
  { timeout: 60_000 },
  async () => {
    const file = recordFile();
    const intents = new Set<number>();
    const done = new Set<number>();
    let unknown = 0;

    for (let round = 0; round < 5; round += 1) {
      const gateway = runScript('./gateway-process.ts', file, `r${round}`);
      // Each round dies at another instant of its writing.
      await gateway.wrote(30 + round * 13);
      gateway.process.kill('SIGKILL');
      await gateway.ended();
      for (const [, word, seq] of gateway.output().matchAll(/^(intent|done) (\d+)$/gm)) {
        (word === 'intent' ? intents : done).add(Number(seq));
      }

      const store = await openSqliteAuditStore({ file, clock: Date });
      const recovered = await store.recover(() => false);
      unknown += recovered.intents;
      expect(recovered.sessions).toBeGreaterThan(0);
      expect(await store.recover(() => false)).toEqual({ intents: 0, sessions: 0 });
      await store.close();
    }

    // At least the write whose upstream never answered, once a round.
    expect(unknown).toBeGreaterThanOrEqual(5);
    const ends = query<{ completes: number; note: string | null }>(
      file,
      "SELECT completes, body ->> '$.details.note' AS note FROM entries WHERE completes IS NOT NULL",
    );
    const completed = new Map(ends.map(({ completes, note }) => [completes, note]));
    for (const intent of intents) expect(completed.has(intent)).toBe(true);
    for (const intent of done) expect(completed.get(intent)).toBeNull();
    expect(ends).toHaveLength(
      query<{ n: number }>(file, "SELECT count(*) AS n FROM entries WHERE kind = 'intent'")[0]?.n ?? 0,
    );
    expect(
      query(
        file,
        `SELECT session_id FROM entries WHERE kind = 'event' GROUP BY session_id
       HAVING sum(event = 'start') <> 1 OR sum(event IN ('stop', 'expired')) <> 1`,
      ),
    ).toEqual([]);
    expect(await verifyRecord(file)).toMatchObject({ ok: true });
  },
);
