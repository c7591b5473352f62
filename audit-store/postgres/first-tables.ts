/** Version 1 of the record's tables in PostgreSQL. */

/*
 * The same record as in SQLite: `body` is the entry's canonical JSON, verbatim what `hash` covers, and the columns that
 * can be computed from it are. The *_ref columns only speed up joins: what binds an entry to a person is the commitment
 * inside `body`; so they are no foreign keys, which would cost each entry three look-ups more.
 *
 * written     One row: the highest seq ever given out. Entries that were cut off are missed by it.
 * checkpoints Signed notes over the chain up to `seq`, beside it as in SQLite.
 * runs        One row for each start of a gateway. Not part of the chain: it says whose open intents are still theirs.
 * decisions   The finer trace: no part of the chain, may be cut, may have holes after a crash.
 * probe       Written to and emptied to learn whether writing works.
 */
export const FIRST_TABLES = `
CREATE TABLE people (
  ref bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  commitment bytea NOT NULL UNIQUE,
  salt bytea,
  id text COLLATE "C" NOT NULL,
  name text COLLATE "C",
  email text COLLATE "C",
  search text COLLATE "C"
);
CREATE INDEX people_id ON people (id);

CREATE TABLE origins (
  ref bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  commitment bytea NOT NULL UNIQUE,
  salt bytea,
  person_id text COLLATE "C" NOT NULL,
  ip_address text COLLATE "C",
  user_agent text COLLATE "C"
);
CREATE INDEX origins_person ON origins (person_id, ip_address);

CREATE TABLE entries (
  seq bigint PRIMARY KEY,
  hash bytea NOT NULL,
  body text COLLATE "C" NOT NULL,
  high_at bigint NOT NULL,
  actor_ref bigint,
  subject_ref bigint,
  origin_ref bigint,
  kind text COLLATE "C" NOT NULL GENERATED ALWAYS AS (body::jsonb ->> 'kind') STORED,
  at bigint NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'at')::bigint) STORED,
  event text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'event') STORED,
  outcome text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'outcome') STORED,
  session_id text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'session_id') STORED,
  market_id text COLLATE "C" GENERATED ALWAYS AS (body::jsonb #>> '{market,id}') STORED,
  completes bigint GENERATED ALWAYS AS ((body::jsonb ->> 'completes')::bigint) STORED
);

-- Ended by -seq, equal keys come newest first, and in an order that only the index of just these columns has: the
-- planner cannot hope to find a rare key by walking the newest entries of all.
CREATE UNIQUE INDEX entries_one_start ON entries (session_id) WHERE kind = 'event' AND event = 'start';
CREATE UNIQUE INDEX entries_one_end ON entries (session_id) WHERE kind = 'event' AND event IN ('stop', 'expired');
CREATE UNIQUE INDEX entries_one_completion ON entries (completes) WHERE completes IS NOT NULL;
CREATE INDEX entries_session ON entries (session_id, (-seq)) WHERE kind = 'event';
CREATE INDEX entries_events ON entries (event, outcome, (-seq)) WHERE kind = 'event';
CREATE INDEX entries_market ON entries (market_id, event, outcome, (-seq)) WHERE kind = 'event';
CREATE INDEX entries_actor ON entries (actor_ref, event, outcome, (-seq)) WHERE kind = 'event';
CREATE INDEX entries_subject ON entries (subject_ref, (-seq)) WHERE kind = 'event';
CREATE INDEX entries_other_kinds ON entries (kind, seq) WHERE kind <> 'event';
CREATE INDEX entries_time ON entries (high_at, seq);
CREATE INDEX entries_clock_went_back ON entries ((high_at - at)) WHERE high_at > at;

CREATE TABLE written (seq bigint NOT NULL);
CREATE UNIQUE INDEX written_once ON written ((true));
INSERT INTO written VALUES (0);

CREATE TABLE checkpoints (
  seq bigint PRIMARY KEY,
  hash bytea NOT NULL,
  at bigint NOT NULL,
  note text NOT NULL
);

CREATE TABLE runs (
  ref integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run text NOT NULL UNIQUE,
  instance text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz
);

CREATE TABLE decisions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  side text NOT NULL,
  request_id text NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  effect text NOT NULL,
  rule text,
  reason text NOT NULL,
  status_code integer
);
CREATE INDEX decisions_session ON decisions (session_id, id);

CREATE TABLE probe (filler bytea);
ALTER TABLE probe ALTER filler SET STORAGE EXTERNAL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION '% are never changed or deleted', TG_TABLE_NAME;
END $refuse$;

CREATE FUNCTION only_at_the_end() RETURNS trigger LANGUAGE plpgsql AS $order$
DECLARE
  lowest bigint;
  highest bigint;
  number bigint;
BEGIN
  SELECT min(seq), max(seq), count(*) INTO lowest, highest, number FROM added;
  IF number = 0 THEN RETURN NULL; END IF;
  UPDATE written SET seq = highest WHERE seq = lowest - 1 AND number = highest - lowest + 1;
  IF NOT FOUND THEN RAISE EXCEPTION 'entries are only added at the end'; END IF;
  PERFORM pg_notify('understudy_' || TG_TABLE_SCHEMA, highest::text);
  RETURN NULL;
END $order$;

CREATE FUNCTION only_blanked() RETURNS trigger LANGUAGE plpgsql AS $blank$
DECLARE
  blank jsonb := to_jsonb(OLD) || jsonb_build_object('salt', NULL) || CASE TG_TABLE_NAME
    WHEN 'people' THEN '{"name": null, "email": null, "search": null}'::jsonb
    ELSE '{"ip_address": null, "user_agent": null}'::jsonb END;
BEGIN
  IF to_jsonb(NEW) IS DISTINCT FROM blank THEN
    RAISE EXCEPTION '% are only blanked', TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $blank$;

CREATE FUNCTION only_true() RETURNS trigger LANGUAGE plpgsql AS $true$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq AND hash = NEW.hash)
    OR EXISTS (SELECT 1 FROM checkpoints WHERE seq >= NEW.seq) THEN
    RAISE EXCEPTION 'checkpoints are only added for the entries that are there, newer ones later';
  END IF;
  RETURN NEW;
END $true$;

CREATE TRIGGER checkpoints_true BEFORE INSERT ON checkpoints FOR EACH ROW EXECUTE FUNCTION only_true();
CREATE TRIGGER checkpoints_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_in_order AFTER INSERT ON entries REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION only_at_the_end();
CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER people_only_blanked BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION only_blanked();
CREATE TRIGGER people_no_delete BEFORE DELETE OR TRUNCATE ON people
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER origins_only_blanked BEFORE UPDATE ON origins FOR EACH ROW EXECUTE FUNCTION only_blanked();
CREATE TRIGGER origins_no_delete BEFORE DELETE OR TRUNCATE ON origins
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER written_no_delete BEFORE DELETE OR TRUNCATE ON written
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
