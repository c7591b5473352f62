/** What the words of the record mean, said for people; anything unknown is shown as it stands. */
import type { AuditEvent, AuditEventName, AuditOutcome } from '../audit-store/index.ts';

export const EVENT_WORDS: Readonly<Record<AuditEventName, string>> = {
  start: 'Start',
  stop: 'Stop',
  action: 'Action',
  blocked: 'Blocked',
  expired: 'Expired',
};

export const EVENT_MEANING: Readonly<Record<AuditEventName, string>> = {
  start: 'A session opened. Holds the reason the manager typed.',
  stop: 'A session was ended by hand: the banner’s button, the sign-out question, or a reviewer.',
  action: 'A meaningful change made while acting, such as placing an order.',
  blocked: 'Something off-limits was tried. It never reached the shopper’s account; always worth a glance.',
  expired: 'A session ended without anybody’s click, most often because its time was over.',
};

export const OUTCOME_WORDS: Readonly<Record<AuditOutcome, string>> = {
  ok: 'OK',
  blocked: 'Blocked',
  error: 'Error',
};

const ENDINGS: ReadonlyMap<string, string> = new Map([
  ['stop_acting', 'stopped by the manager'],
  ['stopped', 'stopped by the manager'],
  ['sign_out', 'the manager signed out'],
  ['signed_out', 'the manager signed out'],
  ['stopped_by_reviewer', 'stopped by a reviewer'],
  ['taken_over', 'a colleague took the seat over'],
  ['idle_timeout', 'nothing was done for too long'],
  ['absolute_timeout', 'the longest time a session may last was over'],
  ['actor_signed_out', 'the manager’s own sign-in ended'],
  ['actor_inactive', 'the manager’s own account was closed or blocked'],
  ['actor_not_permitted', 'the manager or the shopper no longer qualified'],
  ['wrong_seat', 'the market served someone other than this shopper'],
  ['address_or_browser_changed', 'the manager’s address or browser changed midway'],
  ['gateway_restarted', 'the gateway was restarted'],
]);

/** `change_password_blocked` → `Change password`; the code itself where it is no such word. */
export function actionWords(action: string): string {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(action)) return action;
  const words = action.replace(/_blocked$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Why a session ended and, where someone else ended it, who that was; to stand after a colon. */
export function endingWords({
  event,
  action,
  details,
}: Pick<AuditEvent, 'event' | 'action' | 'details'>): string {
  const by = details['by_name'];
  const who =
    typeof by === 'string' && (action === 'stopped_by_reviewer' || action === 'taken_over') ? `, ${by}` : '';
  const known = action === null ? undefined : ENDINGS.get(action);
  if (known !== undefined) return known + who;
  if (action !== null) return actionWords(action).toLowerCase();
  return event === 'stop' ? 'stopped by the manager' : 'its time was over';
}
