/** Version 6 of the record's tables in PostgreSQL: who dealt with whom, for searches on both sides. */
import { kindBit, LAG } from '../meetings.ts';

/** SQL for the meetings that these entries tell of, in the order in which they are kept. */
export const meetingsIn = (entries: string, condition: string): string => `
SELECT e.actor_ref, e.subject_ref, coalesce(e.market_id, '') AS market_id,
  bit_or(${kindBit('e.event', 'e.outcome')}) AS kinds, min(e.seq) AS first, max(e.seq) AS newest
FROM ${entries} e
WHERE e.kind = 'event' AND e.actor_ref IS NOT NULL AND e.subject_ref IS NOT NULL AND ${condition}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

/*
 * meetings  As in SQLite. A record that has entries already is read by and by, see meeting-fill.ts; until that is done,
 *           the index meetings_subject is not there, and nobody relies on the table.
 */
export const MEETING_TABLES = `
CREATE TABLE meetings (
  actor_ref bigint NOT NULL,
  subject_ref bigint NOT NULL,
  market_id text COLLATE "C" NOT NULL,
  kinds integer NOT NULL,
  first bigint NOT NULL,
  newest bigint NOT NULL,
  PRIMARY KEY (actor_ref, subject_ref, market_id)
) WITH (fillfactor = 80);

CREATE FUNCTION note_meetings() RETURNS trigger LANGUAGE plpgsql AS $meetings$
BEGIN
  INSERT INTO meetings AS m ${meetingsIn(
    'added',
    `NOT EXISTS (SELECT 1 FROM meetings k WHERE k.actor_ref = e.actor_ref AND k.subject_ref = e.subject_ref
    AND k.market_id = coalesce(e.market_id, '') AND k.kinds & ${kindBit('e.event', 'e.outcome')} <> 0
    AND k.newest > e.seq - ${LAG})`,
  )}
  ON CONFLICT (actor_ref, subject_ref, market_id)
    DO UPDATE SET kinds = m.kinds | excluded.kinds, newest = greatest(m.newest, excluded.newest);
  RETURN NULL;
END $meetings$;

CREATE TRIGGER entries_meet AFTER INSERT ON entries REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION note_meetings();

DO $filled$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM entries) THEN
    CREATE INDEX meetings_subject ON meetings (subject_ref);
  END IF;
END $filled$;
`;
