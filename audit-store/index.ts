/** The append-only record: everything that other folders may use of it. */
export {
  type AuditEvent,
  type AuditFilter,
  type AuditPerson,
  type AuditStore,
  AuditUnavailableError,
  type ChainHead,
  type DecisionNote,
  type KeptCheckpoint,
  LOST,
  type NewAuditEvent,
  NoPlaceError,
  type PolicyChange,
  type StoreHealth,
} from './audit-store.ts';
export type { AuditLog } from './audit-log.ts';
export { type AuditEventName, type AuditOutcome, EVENT_NAMES, OUTCOMES } from './event-names.ts';
export { type Checkpointer, type CheckpointerOptions, startCheckpointer } from './checkpointer.ts';
export type { SignedHead } from './checkpoint-comparison.ts';
export { type CheckpointsRead, readCheckpoints } from './checkpoint-file.ts';
export { type CheckpointSender, fileSender, webhookSender } from './checkpoint-senders.ts';
export { type CsvOptions, exportCsv } from './csv.ts';
export { csvFileName } from './csv-file-name.ts';
export { type LocalDayRange, localDayRange } from './local-day-range.ts';
export type {
  Asked,
  ErasePersonOptions,
  EraseResult,
  PruneOptions,
  PruneResult,
  RotateResult,
} from './maintenance.ts';
export type { RecordProblem } from './record-problem.ts';
export {
  type NoteSigner,
  type NoteVerifier,
  noteVerifier,
  openNote,
  type VerifiersOf,
  parseVerifier,
  verifierText,
} from './signed-note.ts';
export type { AuditStats } from './record-writes.ts';
export { openWhenPossible, type OpenWhenPossibleOptions } from './open-when-possible.ts';
export { erasePerson } from './sqlite/erase-person.ts';
export { pruneRecord } from './sqlite/prune-record.ts';
export { rotateRecord } from './sqlite/rotate-record.ts';
export { openSqliteAuditReader, type SqliteAuditReader } from './sqlite/sqlite-audit-reader.ts';
export {
  openSqliteAuditStore,
  type SqliteAuditStore,
  type SqliteAuditStoreOptions,
} from './sqlite/sqlite-audit-store.ts';
export {
  openPostgresAuditStore,
  type PostgresAuditStore,
  type PostgresAuditStoreOptions,
} from './postgres/postgres-audit-store.ts';
export { openPostgresAuditReader, type PostgresAuditReader } from './postgres/postgres-audit-reader.ts';
export { erasePostgresPerson } from './postgres/erase-person.ts';
export { prunePostgresRecord } from './postgres/prune-record.ts';
export { readUnnamedPostgresWrites } from './postgres/unnamed-writes.ts';
export { verifyPostgresRecord } from './postgres/verify-record.ts';
export { readUnnamedWrites } from './sqlite/unnamed-writes.ts';
export { verifyRecord } from './sqlite/verify-record.ts';
export type { Turns } from './turns.ts';
export type { UnnamedWrite } from './unnamed-write.ts';
export type { VerifyOptions, VerifyResult } from './verification.ts';
