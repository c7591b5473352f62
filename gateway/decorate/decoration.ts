/** What the gateway may add to a page of the market app, decided before the page arrives. */
import type { Mode } from '../../policy/index.ts';

/** `pattern` is a path with `:name`, `*` (within a segment) and `**` (any number of segments). */
export type RoutePattern = { readonly methods: readonly string[]; readonly pattern: string };

export type ActingNotice = {
  readonly kind: 'acting';
  /** Public id of the session, by which a page notices that it belongs to another one. */
  readonly sessionId: string;
  readonly subjectName: string;
  readonly actorName: string;
  readonly mode: Mode;
  /** Milliseconds left at the moment of the answer. */
  readonly idleLeftMs: number;
  readonly absoluteLeftMs: number;
  /** Path on our own origin that a page goes to once its session has ended. */
  readonly returnTo: string;
  /** Routes whose use asks the sign-out question. */
  readonly signOut: readonly RoutePattern[];
  /** Whether the actor has locked the shopper's cart; null where that is not theirs to do. */
  readonly lock: 'locked' | 'unlocked' | null;
  /** What becomes of the cart when the session ends, in a sentence; empty where nothing is said. */
  readonly atEnd: string;
  /** A sentence to be told once. */
  readonly news: string | null;
};

export type AssistedNotice = {
  readonly kind: 'assisted';
  readonly actorFirstName: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** When the session expires if nothing more happens, and at the latest. */
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  /** IANA zone in which the times are written when the page has no script. */
  readonly timezone: string;
  /** Whether cart and checkout wait; else they are still the reader's own. */
  readonly paused: boolean;
};

export type ActAsButtons = {
  readonly kind: 'buttons';
  readonly places: readonly ButtonPlace[];
  readonly reasonMaxLength: number;
  readonly reasonRequired: boolean;
  /** The limits the dialog tells of. */
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
};

/** One entry of `buttons:` in gateway.yaml. */
export type ButtonPlace = {
  /** Path pattern of the page, e.g. `/users/list`. */
  readonly page: string;
  /** Every element matching this gets a button; watched for, so content that comes later counts. */
  readonly each: string;
  /** Attribute on that element that holds the subject's id. */
  readonly idAttribute: string;
  readonly nameAttribute?: string;
  /** Where inside the element the button goes; the element itself when absent. */
  readonly into?: string;
  readonly position: 'append' | 'prepend';
};

export type Decoration = ActingNotice | AssistedNotice | ActAsButtons;
