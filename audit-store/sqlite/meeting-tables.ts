/** Version 5 of the record's tables: who dealt with whom, for searches on both sides. */
import { kindBit } from '../meetings.ts';

/** The version of the tables that has them. */
export const MEETINGS_SINCE = 5;

/** SQL for the meetings that entries tell of: those of which the condition is true as well. */
export const MEETINGS_OF = (condition: string): string => `
SELECT actor_ref, subject_ref, market_id, sum(kind) AS kinds, min(first) AS first, max(newest) AS newest FROM (
  SELECT actor_ref, subject_ref, coalesce(market_id, '') AS market_id, ${kindBit('event', 'outcome')} AS kind,
    min(seq) AS first, max(seq) AS newest
  FROM entries WHERE kind = 'event' AND actor_ref IS NOT NULL AND subject_ref IS NOT NULL AND ${condition}
  GROUP BY 1, 2, 3, 4)
GROUP BY actor_ref, subject_ref, market_id`;

/*
 * meetings  A row for each actor, subject and market ('' for none) that some event has; a bit of `kinds` for each event
 *           and outcome. None of these events has a lower seq than `first`, none a higher one than `newest` and a few
 *           thousand. It is no part of the chain and says nothing that entries do not: noted in the transaction that adds
 *           them (see meeting-notes.ts), and taken back when the last of the entries it stands for is pruned.
 */
export const MEETING_TABLES = `
CREATE TABLE meetings (
  actor_ref INTEGER NOT NULL,
  subject_ref INTEGER NOT NULL,
  market_id TEXT NOT NULL,
  kinds INTEGER NOT NULL,
  first INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  PRIMARY KEY (actor_ref, subject_ref, market_id)
) STRICT, WITHOUT ROWID;

INSERT INTO meetings ${MEETINGS_OF('true')};
CREATE INDEX meetings_subject ON meetings (subject_ref);
`;
