/** Version 3 of the record's tables: indexes that find a page by any filters, however seldom these meet. */

/*
 * Each index of events ends in seq, so that a stretch of it, one combination of all that stands before, is in the order
 * of the record: the newest of any number of stretches are found by looking at the end of each. Five events and three
 * outcomes make few combinations; people and markets are named in full. What stands behind seq is only there to be
 * tested without fetching the entry.
 */
export const PAGE_INDEXES = `
DROP INDEX entries_market;
DROP INDEX entries_market_event;
DROP INDEX entries_market_outcome;
DROP INDEX entries_event;
DROP INDEX entries_outcome;
DROP INDEX entries_actor;
DROP INDEX entries_subject;
CREATE INDEX entries_kind ON entries (event, outcome) WHERE kind = 'event';
CREATE INDEX entries_market ON entries (market_id, event, outcome) WHERE kind = 'event';
CREATE INDEX entries_actor ON entries (actor_ref, market_id, event, outcome, seq, subject_ref)
  WHERE kind = 'event';
CREATE INDEX entries_subject ON entries (subject_ref, seq, market_id, event, outcome, actor_ref)
  WHERE kind = 'event';
`;
