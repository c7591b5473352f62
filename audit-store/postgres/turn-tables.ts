/** Tables for what one of several gateways does at a time, beside the record and no part of it. */

/*
 * turns  `holder` does what `name` says until `held_until`, by PostgreSQL's clock; `far` is how far it has come, which
 *        outlives every holder. Null where nothing was noted yet.
 */
export const TURN_TABLES = `
CREATE TABLE turns (
  name text COLLATE "C" PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  held_until timestamptz NOT NULL,
  far bigint
);
`;
