/** Reads entries together with what stands beside them, as audit events. */
import type { AuditEvent } from './audit-store.ts';
import { type Beside, readEvent } from './entry.ts';

export type EventRow = Beside & { readonly body: string; readonly hash: Buffer };

/** Completes a FROM clause that names the entries `e`. Outer joins, so that an entry is never hidden by its people. */
export const EVENT_COLUMNS = `e.body, e.hash, a.name AS actorName, a.email AS actorEmail,
  s.name AS subjectName, s.email AS subjectEmail, o.ip_address AS ipAddress, o.user_agent AS userAgent`;

export const BESIDE = `LEFT JOIN people a ON a.ref = e.actor_ref
  LEFT JOIN people s ON s.ref = e.subject_ref
  LEFT JOIN origins o ON o.ref = e.origin_ref`;

export function toEvents(rows: readonly EventRow[]): readonly AuditEvent[] {
  return rows.map((row) => readEvent(row.body, row.hash, row));
}
