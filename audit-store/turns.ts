/** Work that one of several gateways does at a time, and how far it has come, as all of them know it. */

/** Every method rejects when whoever keeps the turns cannot answer. */
export interface Turns {
  /** Whether the holder has the turn for at least so many milliseconds from now; whoever has it can take it again. */
  take(name: string, holder: string, forMs: number): Promise<boolean>;
  /** Null where nothing was noted, or where it was lost. */
  noted(name: string): Promise<number | null>;
  /** Nothing, unless the holder has the turn. */
  note(name: string, holder: string, far: number): Promise<void>;
  /** Whoever comes next has it at once. */
  leave(name: string, holder: string): Promise<void>;
}
