/** Version 1 of the record's tables. */

/*
 * entries     The chain. `body` is the entry's canonical JSON, verbatim what `hash` covers; every column that can be
 *             computed from it is, so that the two cannot disagree. The *_ref columns only speed up joins: what
 *             binds an entry to a person is the commitment inside `body`. `high_at` is the greatest `at` so far, which
 *             unlike `at` never goes back when the clock does: it turns a range of time into a range of `seq`.
 * people,     What may have to be forgotten one day, under salted commitments. Rows can be blanked and nothing else.
 * origins
 * decisions   The finer trace: no part of the chain, may be cut, may have holes after a crash.
 * probe       Written to and emptied to learn whether writing works.
 */
export const FIRST_TABLES = `
CREATE TABLE people (
  ref INTEGER PRIMARY KEY,
  commitment BLOB NOT NULL UNIQUE,
  salt BLOB,
  id TEXT NOT NULL,
  name TEXT,
  email TEXT,
  search TEXT
) STRICT;
CREATE INDEX people_id ON people (id);

CREATE TABLE origins (
  ref INTEGER PRIMARY KEY,
  commitment BLOB NOT NULL UNIQUE,
  salt BLOB,
  person_id TEXT NOT NULL,
  ip_address TEXT,
  user_agent TEXT
) STRICT;
CREATE INDEX origins_person ON origins (person_id);

CREATE TABLE entries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL,
  body TEXT NOT NULL,
  high_at INTEGER NOT NULL,
  actor_ref INTEGER REFERENCES people (ref),
  subject_ref INTEGER REFERENCES people (ref),
  origin_ref INTEGER REFERENCES origins (ref),
  kind TEXT NOT NULL GENERATED ALWAYS AS (body ->> '$.kind') STORED,
  at INTEGER NOT NULL GENERATED ALWAYS AS (body ->> '$.at') STORED,
  event TEXT GENERATED ALWAYS AS (body ->> '$.event') STORED,
  outcome TEXT GENERATED ALWAYS AS (body ->> '$.outcome') STORED,
  session_id TEXT GENERATED ALWAYS AS (body ->> '$.session_id') STORED,
  market_id TEXT GENERATED ALWAYS AS (body ->> '$.market.id') STORED,
  completes INTEGER GENERATED ALWAYS AS (body ->> '$.completes') STORED
) STRICT;

-- Every index ends in seq, as all of SQLite's do: equal keys come in the order of the record.
CREATE UNIQUE INDEX entries_one_start ON entries (session_id) WHERE kind = 'event' AND event = 'start';
CREATE UNIQUE INDEX entries_one_end ON entries (session_id) WHERE kind = 'event' AND event IN ('stop', 'expired');
CREATE UNIQUE INDEX entries_one_completion ON entries (completes) WHERE completes IS NOT NULL;
CREATE INDEX entries_session ON entries (session_id) WHERE kind = 'event';
CREATE INDEX entries_market ON entries (market_id) WHERE kind = 'event';
CREATE INDEX entries_market_event ON entries (market_id, event) WHERE kind = 'event';
CREATE INDEX entries_market_outcome ON entries (market_id, outcome) WHERE kind = 'event';
CREATE INDEX entries_event ON entries (event) WHERE kind = 'event';
CREATE INDEX entries_outcome ON entries (outcome) WHERE kind = 'event';
CREATE INDEX entries_actor ON entries (actor_ref) WHERE kind = 'event';
CREATE INDEX entries_subject ON entries (subject_ref) WHERE kind = 'event';
CREATE INDEX entries_other_kinds ON entries (kind) WHERE kind <> 'event';
CREATE INDEX entries_time ON entries (high_at);
CREATE INDEX entries_clock_went_back ON entries (high_at - at) WHERE high_at > at;

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  side TEXT NOT NULL,
  request_id TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  effect TEXT NOT NULL,
  rule TEXT,
  reason TEXT NOT NULL,
  status_code INTEGER
) STRICT;
CREATE INDEX decisions_session ON decisions (session_id);

CREATE TABLE probe (filler BLOB) STRICT;

CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'entries are only added at the end'); END;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;

CREATE TRIGGER people_only_blanked BEFORE UPDATE ON people
WHEN NEW.ref IS NOT OLD.ref OR NEW.commitment IS NOT OLD.commitment OR NEW.id IS NOT OLD.id
  OR NEW.salt IS NOT NULL OR NEW.name IS NOT NULL OR NEW.email IS NOT NULL OR NEW.search IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'people are only blanked'); END;
CREATE TRIGGER people_no_delete BEFORE DELETE ON people
BEGIN SELECT RAISE(ABORT, 'people are only blanked'); END;

CREATE TRIGGER origins_only_blanked BEFORE UPDATE ON origins
WHEN NEW.ref IS NOT OLD.ref OR NEW.commitment IS NOT OLD.commitment OR NEW.person_id IS NOT OLD.person_id
  OR NEW.salt IS NOT NULL OR NEW.ip_address IS NOT NULL OR NEW.user_agent IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'origins are only blanked'); END;
CREATE TRIGGER origins_no_delete BEFORE DELETE ON origins
BEGIN SELECT RAISE(ABORT, 'origins are only blanked'); END;
`;
