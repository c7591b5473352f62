/** What may be wrong with a record, as a closed list. */
export type RecordProblem =
  | 'altered' // an entry, or what is derived from it, is not what was hashed
  | 'missing' // there is no entry at this place
  | 'reordered' // the entry at this place says it belongs elsewhere
  | 'person_altered' // a name or e-mail is not the one the entry is bound to
  | 'origin_altered' // likewise an address or user agent
  | 'meeting_missing' // an event's people are not noted as having met, so that searches would not find it
  | 'truncated' // entries were added after the last one that is there
  | 'rewritten' // the chain is sound, but not the one that a checkpoint was signed over
  | 'checkpoint_altered' // a checkpoint beside the chain is not what was signed
  | 'schema_altered' // a trigger, index or table is not as it was made
  | 'unreadable'; // SQLite cannot read on from here

export type Finding = { readonly seq: number; readonly problem: RecordProblem; readonly detail: string };
