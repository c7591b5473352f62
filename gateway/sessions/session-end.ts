/** How each way a session can end is written in the record: `stop` where a person ended it, `expired` where nobody did. */
import type { SessionEnd } from './session.ts';

export type SessionEndRecord = {
  readonly event: 'stop' | 'expired';
  /** The action label of the row. */
  readonly action: string;
};

const records: Readonly<Record<SessionEnd, SessionEndRecord>> = {
  stopped: { event: 'stop', action: 'stop_acting' },
  signed_out: { event: 'stop', action: 'sign_out' },
  stopped_by_reviewer: { event: 'stop', action: 'stopped_by_reviewer' },
  taken_over: { event: 'stop', action: 'taken_over' },
  idle_timeout: { event: 'expired', action: 'idle_timeout' },
  absolute_timeout: { event: 'expired', action: 'absolute_timeout' },
  actor_signed_out: { event: 'expired', action: 'actor_signed_out' },
  actor_inactive: { event: 'expired', action: 'actor_inactive' },
  actor_not_permitted: { event: 'expired', action: 'actor_not_permitted' },
  moved: { event: 'expired', action: 'address_or_browser_changed' },
  wrong_seat: { event: 'expired', action: 'wrong_seat' },
  lost: { event: 'expired', action: 'session_lost' },
};

export function sessionEndRecord(why: SessionEnd): SessionEndRecord {
  return records[why];
}
