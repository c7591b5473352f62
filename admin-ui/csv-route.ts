/** Download CSV: every row that matches the filters, streamed; who stops taking it is let go. */
import { finished } from 'node:stream';
import { type AuditStore, csvFileName, exportCsv } from '../audit-store/index.ts';
import type { AdminUiDeps } from './deps.ts';
import { refuseFilters } from './filter-refusal.ts';
import { readFilters } from './filters.ts';
import type { ReviewerHandler } from './for-reviewers.ts';
import { logRoute } from './log-route.ts';

export function csvRoute(deps: AdminUiDeps): ReviewerHandler {
  const { store, markets, noteRead, clock, stallMs = 30_000 } = deps;
  const showLog = logRoute(deps);
  return async (request, reply, scope) => {
    const read = readFilters(request.query, { scope, markets: markets(), extras: [] });
    if (!read.ok) {
      // A person is better served by the form with its messages than by a file of them.
      const wantsPage = (request.headers.accept ?? '').includes('text/html');
      return wantsPage ? showLog(request, reply, scope) : refuseFilters(request, reply, read.problems);
    }
    const { filter, zone } = read;
    let rows = 0;
    const counted: Pick<AuditStore, 'csvLines'> = {
      async csvLines(...asked) {
        const found = await store.csvLines(...asked);
        rows += found.rows;
        return found;
      },
    };
    const csv = exportCsv(counted, filter, { stallMs });
    // The export knows when nothing is taken from it; the last of it, already handed over, only the socket knows about.
    reply.raw.setTimeout(stallMs, () => reply.raw.destroy());
    finished(reply.raw, (error) => {
      if (error) csv.destroy();
      const complete = !error && csv.readableEnded;
      noteRead({ by: scope.person, what: 'export', filter, rows, complete, requestId: request.id });
    });
    const fileName = csvFileName(new Date(clock.now()), zone.name);
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${fileName}"`)
      .send(csv);
  };
}
