/** The audit reviewers' pages, and the page frame that other pages of ours share. */
export { adminUi } from './admin-ui.ts';
export { AUDIT_PATH, POLICY_PATH } from './address.ts';
export { page, type Page } from './layout.ts';
export { SECURITY_HEADERS } from './security-headers.ts';
export { shown, plain } from './shown.ts';
export type {
  AdminRefusal,
  AdminUiDeps,
  AuditRead,
  LiveSession,
  Market,
  Markets,
  PolicyInForce,
  ReviewerAnswer,
} from './deps.ts';
