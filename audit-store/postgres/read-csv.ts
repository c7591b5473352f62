/** Reads pages of events as lines of the CSV. */
import type { AuditFilter } from '../audit-store.ts';
import { cells, type CsvPage, csvLine, csvPage } from '../csv-lines.ts';
import type { Page } from '../event-page.ts';
import { type Connection, rows } from './database.ts';
import { pageSeqs } from './event-query.ts';

type Row = {
  readonly body: string;
  readonly actor_ref: number | null;
  readonly subject_ref: number | null;
  readonly origin_ref: number | null;
};
type Beside = { readonly ref: number; readonly one: string | null; readonly other: string | null };

/** Newest first; `next` is the `beforeSeq` of the following page. */
export async function readCsv(connection: Connection, filter: AuditFilter, page: Page): Promise<CsvPage> {
  const seqs = await pageSeqs(connection, filter, page);
  const shown = seqs.slice(0, page.limit);
  const found = await rows<Row>(
    connection,
    `SELECT body, actor_ref, subject_ref, origin_ref FROM entries WHERE seq = ANY ($1::bigint[]) ORDER BY seq DESC`,
    [shown],
  );
  const [person, origin] = await Promise.all([
    cellsOf(
      connection,
      'SELECT ref, name AS one, email AS other FROM people WHERE ref = ANY ($1::bigint[])',
      found.flatMap((row) => [row.actor_ref, row.subject_ref]),
    ),
    cellsOf(
      connection,
      'SELECT ref, ip_address AS one, user_agent AS other FROM origins WHERE ref = ANY ($1::bigint[])',
      found.map((row) => row.origin_ref),
    ),
  ]);
  const lines = found.map(({ body, actor_ref: actor, subject_ref: subject, origin_ref: from }) =>
    csvLine({ body, actor: person(actor), subject: person(subject), origin: origin(from) }),
  );
  return csvPage(lines, seqs.length > shown.length ? (shown.at(-1) ?? null) : null);
}

/** Each is looked up once: the entries of a session stand near each other. Blank for those erased. */
async function cellsOf(
  connection: Connection,
  sql: string,
  refs: readonly (number | null)[],
): Promise<(ref: number | null) => string> {
  const wanted = [...new Set(refs)].filter((ref) => ref !== null);
  const found = await rows<Beside>(connection, sql, [wanted]);
  const known = new Map<number | null, string>(found.map(({ ref, one, other }) => [ref, cells(one, other)]));
  const nothing = cells(null, null);
  return (ref) => known.get(ref) ?? nothing;
}
