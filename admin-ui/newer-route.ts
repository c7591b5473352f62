/** For open pages of the log: `{newer}`, how many events that match came after one, told as soon as there are more than known. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditFilter, AuditStore } from '../audit-store/index.ts';
import type { AdminUiDeps } from './deps.ts';
import { refuseFilters } from './filter-refusal.ts';
import { readFilters } from './filters.ts';
import type { ReviewerHandler } from './for-reviewers.ts';

/** From here on the page says that there are many, and asks no more; newer.js says so too. */
const MANY = 100;
/** Longer than this nobody waits; whether they may still review is asked anew with the next question. */
const WAIT_MS = 20_000;
/** Between two looks at a record that is being written to all the time. */
const PAUSE_MS = 250;

/** `after` is the sequence number of the newest event on the page, `known` how many newer ones it knows of. */
export function newerRoute({ store, markets, holdOpen }: AdminUiDeps): ReviewerHandler {
  return async (request, reply, scope) => {
    const read = readFilters(request.query, { scope, markets: markets(), extras: ['after', 'known'] });
    if (!read.ok) return refuseFilters(request, reply, read.problems);
    const over = new AbortController();
    const patience = setTimeout(() => over.abort(), WAIT_MS);
    reply.raw.once('close', () => over.abort());
    holdOpen(reply.raw);
    try {
      const newer = await moreThan(
        read.known,
        () => count(store, read.filter, read.after),
        store,
        over.signal,
      );
      return await reply.send({ newer });
    } finally {
      clearTimeout(patience);
    }
  };
}

async function moreThan(
  known: number,
  look: () => Promise<number>,
  store: Pick<AuditStore, 'follow'>,
  over: AbortSignal,
): Promise<number> {
  let changed = Promise.withResolvers<void>();
  const wake = (): void => changed.resolve();
  const unfollow = store.follow(wake);
  over.addEventListener('abort', wake);
  try {
    for (;;) {
      const found = await look();
      if (found > known || found >= MANY || over.aborted) return found;
      await changed.promise;
      changed = Promise.withResolvers<void>();
      if (!over.aborted) await sleep(PAUSE_MS);
    }
  } finally {
    unfollow();
  }
}

async function count(store: Pick<AuditStore, 'events'>, filter: AuditFilter, after: number): Promise<number> {
  const { events } = await store.events(filter, { limit: MANY });
  return events.filter(({ seq }) => seq > after).length;
}
