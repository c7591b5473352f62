/** What a policy concludes about one request, and the closed list of reasons it may give. */
import type { Person } from './person.ts';
import type { SettledPath } from './path.ts';

export type Effect = 'allow' | 'audit' | 'confirm' | 'block' | 'pause';
export type Mode = 'full' | 'view';

/** The same word stands in the test, the refusal, the audit row and the screen. */
export type DecisionReason =
  | 'rule' // a rule of the file says so
  | 'otherwise_reads' // no rule names this read
  | 'otherwise_writes' // no rule names this write
  | 'view_mode' // the session may only look
  | 'not_paused'; // an assisted request that no pause rule names

export type Obligations = {
  /** JSON pointer → text, already filled in for this actor, subject and session. */
  readonly amendJson: Readonly<Record<string, string>>;
  /** Name in the record → JSON pointer into the answer. */
  readonly capture: Readonly<Record<string, string>>;
};

export type Decision = {
  readonly effect: Effect;
  /** Id of the deciding rule; null when `otherwise` or a built-in decided. */
  readonly rule: string | null;
  readonly reason: DecisionReason;
  /** Label for the record, e.g. `place_order`; null where no record is kept. */
  readonly action: string | null;
  readonly obligations: Obligations;
  /** A background request does not touch the session. */
  readonly background: boolean;
  /** Bytes of request body that may be buffered, or `stream`. */
  readonly body: number | 'stream';
};

export type DecisionRequest = {
  readonly side: 'acting' | 'assisted';
  readonly method: string;
  readonly path: SettledPath;
  readonly actor: Person;
  readonly subject: Person;
  readonly mode: Mode;
  /** Public id of the act-as session, for `{session.id}`; empty where there is none to name. */
  readonly sessionId?: string;
};

/** Why someone may not act for someone; sentences for people stand in the gateway's words. */
export type ActRefusal =
  | 'actor_not_permitted'
  | 'actor_inactive'
  | 'self'
  | 'subject_protected'
  | 'subject_role'
  | 'subject_inactive'
  | 'other_market'
  | 'not_assigned';

export type Permission =
  { readonly allowed: true; readonly mode: Mode } | { readonly allowed: false; readonly reason: ActRefusal };
