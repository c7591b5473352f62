/** Reads pages of events as lines of the CSV, made in the thread that reads. */
import type { AuditFilter } from '../audit-store.ts';
import { cells, type CsvPage, csvLine, csvPage } from '../csv-lines.ts';
import type { Page } from '../event-page.ts';
import type { Connection } from './database.ts';
import { pageSeqs } from './event-query.ts';

type Row = readonly [body: string, actor: number | null, subject: number | null, origin: number | null];
type Two = readonly [string | null, string | null];

/** Newest first; `next` is the `beforeSeq` of the following page. */
export function readCsv(connection: Connection, filter: AuditFilter, page: Page): CsvPage {
  const seqs = pageSeqs(connection, filter, page);
  const shown = seqs.slice(0, page.limit);
  const person = cellsOf(connection, 'SELECT name, email FROM people WHERE ref = ?');
  const origin = cellsOf(connection, 'SELECT ip_address, user_agent FROM origins WHERE ref = ?');
  const rows = connection
    .prepare<[string], Row>(
      `SELECT e.body, e.actor_ref, e.subject_ref, e.origin_ref
       FROM json_each(?) AS page CROSS JOIN entries e ON e.seq = page.value ORDER BY page.key`,
    )
    .raw()
    .all(JSON.stringify(shown));
  const lines = rows.map(([body, actor, subject, from]) =>
    csvLine({ body, actor: person(actor), subject: person(subject), origin: origin(from) }),
  );
  return csvPage(lines, seqs.length > shown.length ? (shown.at(-1) ?? null) : null);
}

/** Each is looked up once: the entries of a session stand near each other. Blank for those erased. */
function cellsOf(connection: Connection, sql: string): (ref: number | null) => string {
  const statement = connection.prepare<[number], Two>(sql).raw();
  const known = new Map<number | null, string>([[null, cells(null, null)]]);
  return (ref) => {
    const before = known.get(ref);
    if (before !== undefined || ref === null) return before ?? '';
    const found = cells(...(statement.get(ref) ?? [null, null]));
    known.set(ref, found);
    return found;
  };
}
