/** Makes the upstream serve a request as the subject. */
import type { ActAsSession } from '../sessions/index.ts';

export interface Delegation {
  /**
   * Headers (lower-case names) that seat a request of this session at the upstream. Reused while fresh. The values are
   * credentials: they belong into the upstream request and nowhere else.
   */
  headers(session: ActAsSession): Promise<Readonly<Record<string, string>>>;
  /** Drops what is kept for an ended session. */
  forget(sessionId: string): void;
}
