/** Version 2 of the record's tables: signed checkpoints, and stretches of the chain that stand here no more. */

/*
 * checkpoints  Signed notes over the chain up to `seq`. Beside the chain and not on it: a checkpoint that were an entry
 *              would itself be uncovered, and an idle record would grow for ever. They outlast the entries they cover.
 * stretches    Entries that are not here, and how to go on without them: `hash` and `high_at` are those of `last_seq`.
 *              `pruned` ones were checkpointed and the chain says so in an entry of that kind; `rotated` ones, at most
 *              one and at the very beginning, stand in another file. Entries are deleted if a stretch allows it, and in
 *              no other way.
 */
export const CHECKPOINT_TABLES = `
CREATE TABLE checkpoints (
  seq INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  at INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;

CREATE TABLE stretches (
  last_seq INTEGER PRIMARY KEY,
  first_seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  high_at INTEGER NOT NULL,
  why TEXT NOT NULL
) STRICT;

CREATE TRIGGER checkpoints_true BEFORE INSERT ON checkpoints
WHEN NOT EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq AND hash = NEW.hash)
  OR EXISTS (SELECT 1 FROM checkpoints WHERE seq >= NEW.seq)
BEGIN SELECT RAISE(ABORT, 'checkpoints are only added for the entries that are there, newer ones later'); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;

CREATE TRIGGER stretches_pruned BEFORE INSERT ON stretches
WHEN NEW.why = 'pruned' AND (
  NEW.last_seq < NEW.first_seq
  OR NEW.first_seq <> (SELECT coalesce(max(last_seq), 0) + 1 FROM stretches)
  OR NOT EXISTS (SELECT 1 FROM checkpoints WHERE seq = NEW.last_seq AND hash = NEW.hash)
  OR NOT EXISTS (SELECT 1 FROM entries WHERE seq = NEW.last_seq AND hash = NEW.hash AND high_at = NEW.high_at)
  OR NOT EXISTS (SELECT 1 FROM entries WHERE kind = 'pruning' AND kind <> 'event'
    AND body ->> '$.last' = NEW.last_seq AND body ->> '$.hash' = lower(hex(NEW.hash)))
)
BEGIN SELECT RAISE(ABORT, 'only checkpointed entries are pruned, and only as the chain says'); END;
CREATE TRIGGER stretches_rotated BEFORE INSERT ON stretches
WHEN NEW.why <> 'pruned' AND (
  NEW.why <> 'rotated' OR NEW.first_seq <> 1
  OR EXISTS (SELECT 1 FROM entries) OR EXISTS (SELECT 1 FROM stretches)
)
BEGIN SELECT RAISE(ABORT, 'only an empty record follows another'); END;
CREATE TRIGGER stretches_no_update BEFORE UPDATE ON stretches
BEGIN SELECT RAISE(ABORT, 'stretches are never changed'); END;
CREATE TRIGGER stretches_no_delete BEFORE DELETE ON stretches
BEGIN SELECT RAISE(ABORT, 'stretches are never deleted'); END;

DROP TRIGGER entries_in_order;
CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
WHEN NEW.seq <> 1 + max(
  (SELECT coalesce(max(seq), 0) FROM entries), (SELECT coalesce(max(last_seq), 0) FROM stretches))
BEGIN SELECT RAISE(ABORT, 'entries are only added at the end'); END;
DROP TRIGGER entries_no_delete;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM stretches WHERE why = 'pruned' AND last_seq >= OLD.seq)
BEGIN SELECT RAISE(ABORT, 'entries are never deleted, unless they were pruned as a whole stretch'); END;
`;
