/** Retention of the finer trace: what is older than a moment goes, from within a block as well. */
import type { Connection } from './database.ts';

/** A text that is no JSON, or has anything but arrays in it, would end the whole cutting with an error. */
const READABLE = `CASE WHEN json_valid(packed) AND json_type(packed) = 'array'
  THEN NOT EXISTS (SELECT 1 FROM json_each(packed) WHERE type <> 'array') ELSE 0 END`;

/** Blocks with something older in them; one that cannot be read is as old as its newest decision. */
const OLDER = `
SELECT id, CASE WHEN last_at < @before THEN decisions
  ELSE (SELECT count(*) FROM json_each(packed) WHERE value ->> 0 < @before) END AS decisions
FROM traces WHERE first_at < @before AND (last_at < @before OR ${READABLE})`;

export function countDecisions(connection: Connection, before: number): number {
  const count = connection.prepare<[{ before: number }]>(`SELECT total(decisions) FROM (${OLDER})`);
  return Number(count.pluck().get({ before }));
}

/** @returns what cuts some of it and says whether there may be more */
export function traceCutter(connection: Connection, before: number, atOnce: number): () => boolean {
  const whole = connection.prepare<[number, number]>(
    'DELETE FROM traces WHERE id IN (SELECT id FROM traces WHERE last_at < ? LIMIT ?)',
  );
  const part = connection.prepare<[{ before: number }]>(
    `UPDATE traces SET first_at = @before,
       decisions = (SELECT count(*) FROM json_each(packed) WHERE value ->> 0 >= @before),
       packed = (SELECT json_group_array(json(value) ORDER BY key) FROM json_each(packed) WHERE value ->> 0 >= @before)
     WHERE first_at < @before AND last_at >= @before AND ${READABLE}`,
  );
  const run = connection.transaction(() => {
    const more = whole.run(before, atOnce).changes === atOnce;
    if (!more) part.run({ before });
    return more;
  });
  return () => run.immediate();
}
