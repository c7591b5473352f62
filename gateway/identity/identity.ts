/** Who a request's own user is, asked of whatever the market app trusts. */
import type { Person } from '../../policy/index.ts';

/** A person as the market app knows them. */
export type Identity = Person;

/** What a request brings along to prove who sends it. Header names are lower-case. */
export type Credential = {
  /** The request's Cookie header without any cookie of ours, or null. */
  readonly cookie: string | null;
  readonly authorization: string | null;
  /** Any header of the request by its lower-case name, several lines joined by commas; null where there is none. */
  readonly header: (name: string) => string | null;
  /** Address of the client, as far as it can be believed. */
  readonly remoteAddress: string;
  /** What it came over, for remembering what it came to; absent where nobody sent it. */
  readonly connection?: object;
};

export type IdentityAnswer =
  | { readonly kind: 'known'; readonly identity: Identity }
  /** No credential, or one that the app does not accept. */
  | { readonly kind: 'anonymous' }
  /**
   * Nobody could say. `because` tells an app that is down or slow from one that is well and would not answer this very
   * question, which its sender may have seen to. The cause names no content and no secret.
   */
  | { readonly kind: 'unavailable'; readonly cause: string; readonly because: 'app' | 'question' };

export interface IdentityProvider {
  /**
   * @param maxAgeMs oldest answer that will do, in milliseconds, counted from the moment it was asked for; with 0 the
   *   answer is asked for after this call. Given at once where it is remembered. Remembered by a hash of the credential, never by the credential itself;
   *   concurrent equal questions are asked once. Never rejects.
   */
  identify(credential: Credential, maxAgeMs: number): IdentityAnswer | Promise<IdentityAnswer>;
}
