/** Makes the upstream serve a request as the subject. */
import type { ActAsSession } from '../sessions/index.ts';

export type SeatHeaders = Readonly<Record<string, string>>;

export interface Delegation {
  /**
   * Headers (lower-case names) that seat a request of this session at the upstream. Reused while fresh. The values are
   * credentials: they belong into the upstream request and nowhere else. At once where they are at hand.
   */
  headers(session: ActAsSession): SeatHeaders | Promise<SeatHeaders>;
  /** Drops what is kept for an ended session. */
  forget(sessionId: string): void;
}
