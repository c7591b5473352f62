/** The append-only record: everything that other folders may use of it. */
export {
  type AuditEvent,
  type AuditEventName,
  type AuditFilter,
  type AuditOutcome,
  type AuditPerson,
  type AuditStore,
  AuditUnavailableError,
  type DecisionNote,
  type NewAuditEvent,
  type PolicyChange,
  type StoreHealth,
} from './audit-store.ts';
export type { AuditLog } from './audit-log.ts';
export { type CsvOptions, exportCsv } from './csv.ts';
export { csvFileName } from './csv-file-name.ts';
export { type LocalDayRange, localDayRange } from './local-day-range.ts';
export type { RecordProblem } from './record-problem.ts';
export { openSqliteAuditReader, type SqliteAuditReader } from './sqlite/sqlite-audit-reader.ts';
export {
  type AuditStats,
  openSqliteAuditStore,
  type SqliteAuditStore,
  type SqliteAuditStoreOptions,
} from './sqlite/sqlite-audit-store.ts';
export { readUnnamedWrites, type UnnamedWrite } from './sqlite/unnamed-writes.ts';
export { verifyRecord, type VerifyOptions, type VerifyResult } from './sqlite/verify-record.ts';
