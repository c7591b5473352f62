/** Decisions are kept in blocks by session: they come back as they were, from older records too, and hostile blocks say so. */
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DecisionNote, LOST } from '../../audit-store/audit-store.ts';
import { migrate, migrateTo } from '../../audit-store/sqlite/migrations.ts';
import { type PackedNotes, packNotes, unpackNotes } from '../../audit-store/sqlite/packed-notes.ts';
import { countDecisions, traceCutter } from '../../audit-store/sqlite/prune-trace.ts';
import { noteWriter } from '../../audit-store/sqlite/note-writer.ts';
import { readSession } from '../../audit-store/sqlite/read-events.ts';
import { readUnnamedWrites } from '../../audit-store/sqlite/unnamed-writes.ts';
import { recordFile } from './record-folder.ts';
import { sampleNote } from './sample.ts';

function empty(): Database.Database {
  const database = new Database(':memory:');
  onTestFinished(() => void database.close());
  return database;
}

/** All of a session, as its blocks have them. */
function decisionsOf(database: Database.Database, sessionId: string): readonly DecisionNote[] {
  return database
    .prepare<[string], PackedNotes>(
      'SELECT session_id AS sessionId, first_at AS firstAt, packed FROM traces WHERE session_id = ? ORDER BY id',
    )
    .all(sessionId)
    .flatMap(unpackNotes);
}

function made(): Database.Database {
  const database = empty();
  migrate(database);
  return database;
}

describe('packing', () => {
  test('keeps each session’s decisions in their order, whatever came between', () => {
    const notes = ['a', 'b', 'a', 'b', 'a'].map((sessionId, at) =>
      sampleNote({ sessionId, at, path: `/${at}` }),
    );
    const blocks = packNotes(notes);
    expect(
      blocks.map(({ sessionId, firstAt, lastAt, decisions }) => [sessionId, firstAt, lastAt, decisions]),
    ).toEqual([
      ['a', 0, 4, 3],
      ['b', 1, 3, 2],
    ]);
    expect(blocks.flatMap(unpackNotes)).toEqual([0, 2, 4, 1, 3].map((index) => notes[index]));
  });

  test.each(['', 'nonsense', '{}', '[[1]]', '[[0,"driver","r","GET","/","allow",null,"x",200]]', '[null]'])(
    'a block that reads %j says so in its place',
    (packed) => {
      expect(unpackNotes({ sessionId: 's', firstAt: 7, packed })).toMatchObject([{ effect: LOST, at: 7 }]);
    },
  );
});

test('decisions of an older record are in the blocks of the new one, each session’s in order', () => {
  const database = empty();
  migrateTo(database, 1);
  database.pragma('user_version = 1');
  const insert = database.prepare(
    `INSERT INTO decisions (at, session_id, side, request_id, method, path, effect, rule, reason, status_code)
     VALUES (?, ?, 'acting', ?, 'GET', ?, 'allow', NULL, 'otherwise_reads', 200)`,
  );
  for (let at = 0; at < 2_500; at += 1) insert.run(at, at % 2 === 0 ? 'a' : 'b', `r${at}`, `/${at}`);
  migrate(database);
  for (const [session, first] of [
    ['a', 0],
    ['b', 1],
  ] as const) {
    const decisions = decisionsOf(database, session);
    expect(readSession(database, session).decisionCount).toBe(decisions.length);
    expect(decisions.map(({ at }) => at)).toEqual(
      Array.from({ length: 1_250 }, (_, index) => first + 2 * index),
    );
    expect(decisions[3]).toMatchObject({
      requestId: `r${first + 6}`,
      path: `/${first + 6}`,
      rule: null,
      statusCode: 200,
    });
  }
});

describe('retention', () => {
  test('cuts within a block, and counts what it cuts', () => {
    const database = made();
    const write = noteWriter(database);
    write(packNotes([1, 2, 3, 4].map((at) => sampleNote({ sessionId: 'a', at }))));
    write(packNotes([2, 3].map((at) => sampleNote({ sessionId: 'b', at }))));
    expect(countDecisions(database, 3)).toBe(3);
    const cut = traceCutter(database, 3, 100);
    expect(cut()).toBe(false);
    expect(countDecisions(database, 3)).toBe(0);
    expect(readSession(database, 'a').decisions.map(({ at }) => at)).toEqual([3, 4]);
    expect(readSession(database, 'b').decisions.map(({ at }) => at)).toEqual([3]);
    expect(countDecisions(database, 5)).toBe(3);
  });

  test.each(['[', '["x"]', '[[1,"acting"],"x"]', '"x"', '{"a":1}', '[1,2]'])(
    'a block that reads %j stands until it is older as a whole',
    (packed) => {
      const database = made();
      database
        .prepare(
          "INSERT INTO traces (session_id, first_at, last_at, decisions, packed) VALUES ('a', 1, 9, 2, ?)",
        )
        .run(packed);
      expect([
        countDecisions(database, 5),
        traceCutter(database, 5, 100)(),
        countDecisions(database, 10),
      ]).toEqual([0, false, 2]);
      traceCutter(database, 10, 100)();
      expect(readSession(database, 'a').decisions).toEqual([]);
    },
  );

  test('goes on where there is more than is cut at once', () => {
    const database = made();
    const write = noteWriter(database);
    for (const sessionId of ['a', 'b', 'c']) write(packNotes([sampleNote({ sessionId, at: 1 })]));
    const cut = traceCutter(database, 2, 2);
    expect([cut(), cut()]).toEqual([true, false]);
    expect(countDecisions(database, 2)).toBe(0);
  });
});

test('a record of an older release says so to whoever looks for unnamed writes', () => {
  const file = recordFile();
  const database = new Database(file);
  migrateTo(database, 3);
  database.pragma('user_version = 3');
  database.close();
  expect(() => readUnnamedWrites(file)).toThrow('written by an older release');
});
