/** What a policy concludes about one request, and the closed list of reasons it may give. */
import type { ParsedBody } from './body/parsed-body.ts';
import type { Person } from './person.ts';
import type { SettledPath } from './path.ts';

export type Effect = 'allow' | 'audit' | 'confirm' | 'block' | 'pause';
export type Mode = 'full' | 'view';

/** The same word stands in the test, the refusal, the audit row and the screen. */
export type DecisionReason =
  | 'rule' // a rule of the file says so
  | 'missed' // a rule permits this route, but a condition of it does not hold
  | 'unread_operations' // a GraphQL request whose operations cannot be known
  | 'otherwise_reads' // no rule names this read
  | 'otherwise_writes' // no rule names this write
  | 'view_mode' // the session may only look
  | 'not_paused' // an assisted request that no pause rule names, or whose cart nobody has locked
  | 'not_locked'; // the actor's own write to what pauses, before they locked it

/** The parts of a rule that narrow it to some of the requests of its routes. */
export type Condition = 'actors' | 'subjects' | 'market' | 'mode' | 'query' | 'header' | 'body' | 'graphql';

/** Which condition of which permitting rule kept a request from being permitted. */
export type Missed = {
  readonly rule: string;
  readonly condition: Condition;
  /** In words that finish the sentence "not permitted: …", such as `price must be >= 0`. Never holds a value of the request. */
  readonly why: string;
  /** The author's own sentences for the person at the keyboard, where the rule has some. */
  readonly message?: string;
};

/** Texts by place, already filled in for this actor, subject and session. */
export type Amendments = {
  /** By JSON pointer. */
  readonly json: Readonly<Record<string, string>>;
  /** By name of a form field. */
  readonly form: Readonly<Record<string, string>>;
  /** By lower-case name; visible ASCII and blanks only. */
  readonly header: Readonly<Record<string, string>>;
};

/** Of a WebSocket that may be opened: who may send messages over it, and in which sub-protocols. */
export type WebSocketTerms = {
  readonly messages: 'from_app' | 'both';
  /** Asked of each message of the browser before it is sent on; null where they go unseen. */
  readonly wrongMessage: ((message: Uint8Array) => string | null) | null;
  /** Those of the browser's offer that may go up; what is not listed is not offered to the app. */
  readonly protocols: readonly string[];
};

/** A cart's id as it stood in the path, made comparable by `cartKey`, or the JSON pointer to it in the answer. */
export type CartPlace = { readonly id: string } | { readonly at: string };

export type Obligations = {
  readonly amend: Amendments;
  /** Name in the record → JSON pointer into the answer. */
  readonly capture: Readonly<Record<string, string>>;
};

export type Decision = {
  readonly effect: Effect;
  /** Id of the deciding rule, also where it decided by a condition that was missed; null for `otherwise` and built-ins. */
  readonly rule: string | null;
  readonly reason: DecisionReason;
  /** Label for the record, e.g. `place_order`; null where no record is kept. */
  readonly action: string | null;
  readonly obligations: Obligations;
  /** A background request does not touch the session. */
  readonly background: boolean;
  /** Null where this request may open no WebSocket, which is nearly everywhere. */
  readonly webSocket: WebSocketTerms | null;
  /** A person who asked for this page is sent back to where they were, with a message. */
  readonly sendBack: boolean;
  /** Where this request or its answer names a cart by an id of its own; null where its rule says nothing of that. */
  readonly cart: CartPlace | null;
  /** Bytes of request body that may be buffered, or `stream`. */
  readonly bodyLimit: number | 'stream';
  /** The path as records may show it, where parts of it are kept off the record; null for the path itself. */
  readonly recordedPath: string | null;
  /** With reason `missed`, and where the operations of a GraphQL request could not be read. */
  readonly missed: Missed | null;
};

export type DecisionRequest = {
  readonly side: 'acting' | 'assisted';
  readonly method: string;
  readonly path: SettledPath;
  /** As settled: with its question mark, or empty. */
  readonly query: string;
  /** Value of a header by its lower-case name; several lines are joined by `, `. */
  readonly header: (name: string) => string | null;
  /** As `parseBody` read it; null where nobody looked. Ask `readsBody` first. */
  readonly body: ParsedBody | null;
  readonly actor: Person;
  readonly subject: Person;
  readonly mode: Mode;
  /** False while the actor has yet to lock the cart: nobody pauses, and what would pause is not theirs to write. */
  readonly locked?: boolean;
  /** Public id of the act-as session, for `{session.id}`; empty where there is none to name. */
  readonly sessionId?: string;
};

/** Why someone may not act for someone; sentences for people stand in the gateway's words. */
export type ActRefusal =
  | 'actor_not_permitted'
  | 'actor_inactive'
  | 'actor_blocked'
  | 'self'
  | 'subject_protected'
  | 'subject_role'
  | 'subject_inactive'
  | 'subject_blocked'
  | 'other_market'
  | 'not_assigned';

export type Permission =
  { readonly allowed: true; readonly mode: Mode } | { readonly allowed: false; readonly reason: ActRefusal };
