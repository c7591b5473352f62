/** Version 2 of the record's tables in PostgreSQL: stretches of the chain that stand here no more. */

/*
 * stretches  As in SQLite, all of them pruned: `hash` and `high_at` are those of `last_seq`. Only checkpointed entries
 *            make one, only as an entry of kind `pruning` says, and entries are deleted in no other way.
 */
export const STRETCH_TABLES = `
CREATE TABLE stretches (
  last_seq bigint PRIMARY KEY,
  first_seq bigint NOT NULL,
  hash bytea NOT NULL,
  high_at bigint NOT NULL
);

CREATE FUNCTION only_as_the_chain_says() RETURNS trigger LANGUAGE plpgsql AS $stretch$
BEGIN
  IF NEW.last_seq < NEW.first_seq
    OR NEW.first_seq <> (SELECT coalesce(max(last_seq), 0) + 1 FROM stretches)
    OR NOT EXISTS (SELECT 1 FROM checkpoints WHERE seq = NEW.last_seq AND hash = NEW.hash)
    OR NOT EXISTS (SELECT 1 FROM entries WHERE seq = NEW.last_seq AND hash = NEW.hash AND high_at = NEW.high_at)
    OR NOT EXISTS (SELECT 1 FROM entries WHERE kind = 'pruning' AND kind <> 'event'
      AND (body::jsonb ->> 'last')::bigint = NEW.last_seq AND body::jsonb ->> 'hash' = encode(NEW.hash, 'hex'))
  THEN
    RAISE EXCEPTION 'only checkpointed entries are pruned, and only as the chain says';
  END IF;
  RETURN NEW;
END $stretch$;

CREATE FUNCTION only_pruned() RETURNS trigger LANGUAGE plpgsql AS $pruned$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM stretches WHERE last_seq >= OLD.seq) THEN
    RAISE EXCEPTION 'entries are never deleted, unless they were pruned as a whole stretch';
  END IF;
  RETURN OLD;
END $pruned$;

CREATE TRIGGER stretches_true BEFORE INSERT ON stretches
  FOR EACH ROW EXECUTE FUNCTION only_as_the_chain_says();
CREATE TRIGGER stretches_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stretches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DROP TRIGGER entries_no_change ON entries;
CREATE TRIGGER entries_no_change BEFORE UPDATE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_only_pruned BEFORE DELETE ON entries FOR EACH ROW EXECUTE FUNCTION only_pruned();
`;
