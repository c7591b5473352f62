/** The finer trace in blocks: what is gathered of a session at one time stands in one row. */

/** The version of the tables that has them. */
export const TRACES_SINCE = 4;

/*
 * traces  Decisions of one session in the order they were made: `packed` is a JSON array with an array for each (see
 *         packed-notes.ts). A row for each decision cost the gateway as much as deciding did. No part of the chain, may be
 *         cut, may have holes after a crash.
 */
export const TRACE_TABLES = `
CREATE TABLE traces (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  decisions INTEGER NOT NULL,
  packed TEXT NOT NULL
) STRICT;
CREATE INDEX traces_session ON traces (session_id);

INSERT INTO traces (session_id, first_at, last_at, decisions, packed)
SELECT session_id, min(at), max(at), count(*),
  json_group_array(
    json_array(at, side, request_id, method, path, effect, rule, reason, status_code) ORDER BY id
  )
FROM decisions GROUP BY session_id, id / 1000 ORDER BY min(id);
DROP TABLE decisions;
`;
