/** Version 4 of the record's tables in PostgreSQL: the columns that are computed from an entry's body, all at once. */

/*
 * As generated columns each of them read the body anew, which took longer than everything else that is done for an
 * entry. The trigger reads it once and sets them whatever was given, so that they cannot disagree with it any more than
 * before. Entries that are there keep their columns: only the way of computing them is dropped.
 */
export const COMPUTED_COLUMNS = `
ALTER TABLE entries ALTER kind DROP EXPRESSION, ALTER at DROP EXPRESSION, ALTER event DROP EXPRESSION,
  ALTER outcome DROP EXPRESSION, ALTER session_id DROP EXPRESSION, ALTER market_id DROP EXPRESSION,
  ALTER completes DROP EXPRESSION;

CREATE FUNCTION computed() RETURNS trigger LANGUAGE plpgsql AS $computed$
DECLARE
  body jsonb := NEW.body::jsonb;
BEGIN
  NEW.kind := body ->> 'kind';
  NEW.at := body ->> 'at';
  NEW.event := body ->> 'event';
  NEW.outcome := body ->> 'outcome';
  NEW.session_id := body ->> 'session_id';
  NEW.market_id := body #>> '{market,id}';
  NEW.completes := body ->> 'completes';
  RETURN NEW;
END $computed$;

CREATE TRIGGER entries_computed BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION computed();
`;
