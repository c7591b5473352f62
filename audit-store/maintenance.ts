/** What may be done to a record beside adding to it, each of which stands on its chain as an entry of its own kind. */

/** Who asked, in words for people, and when (milliseconds UTC). */
export type Asked = { readonly by: string; readonly at: number };

/** Kind `erasure`: the particulars of one person were blanked. */
export type ErasureFacts = {
  readonly person: string;
  /** Rows that were blanked together with this entry: names and e-mails, addresses and user agents. */
  readonly people: number;
  readonly origins: number;
  readonly asked_by: string;
  readonly reason: string | null;
};

/** Kind `pruning`: the entries `first` to `last` may be deleted from here on; `hash` (hex) is that of `last`. */
export type PruningFacts = {
  readonly first: number;
  readonly last: number;
  readonly hash: string;
  /** Everything that was cut is older, as are the decisions that were cut from the trace; milliseconds UTC. */
  readonly before: number;
  readonly decisions: number;
  readonly asked_by: string;
};

/**
 * Kind `rotation`, the first entry of a file: it follows entry `last` of an older one, `hash` (hex) being that entry's.
 * Entries up to `counted` were written there, and what follows `last` was not sound, as `problem` says.
 */
export type RotationFacts = {
  readonly file: string;
  readonly last: number;
  readonly hash: string;
  readonly counted: number;
  readonly problem: string | null;
  readonly asked_by: string;
};

export type ErasePersonOptions = {
  /** The person's id in the market app, as the record has it. */
  readonly person: string;
  readonly reason: string | null;
  readonly asked: Asked;
};

export type EraseResult =
  | { readonly found: false }
  | {
      readonly found: true;
      readonly people: number;
      readonly origins: number;
      /** Whether no copy is left in the database's own log either; otherwise somebody reads there for too long. */
      readonly purged: boolean;
    };

export type PruneResult = {
  /** What was cut now; null when nothing was. */
  readonly cut: { readonly first: number; readonly last: number; readonly hash: string } | null;
  readonly decisions: number;
  /** Why not more: nothing else is old enough, not checkpointed, or an intent or session before it is still open. */
  readonly kept: 'newer' | 'not_checkpointed' | 'open';
};

export type RotateResult = {
  /** Where the old file stands now. */
  readonly moved: string;
  readonly last: number;
  readonly hash: string;
  readonly counted: number;
  readonly problem: string | null;
};

export type PruneOptions = {
  /** Milliseconds UTC: what is as old as this or younger stays. */
  readonly before: number;
  /** Only the decisions of the finer trace are cut. */
  readonly decisionsOnly: boolean;
  readonly asked: Asked;
};

/** Entries that can be cut off together. */
export type Stretch = {
  readonly first: number;
  readonly last: number;
  readonly hash: Buffer;
  readonly high_at: number;
};
