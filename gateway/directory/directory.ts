/** Finds and fetches subjects through the app's own customer routes, with the actor's credential. */
import type { Credential, Identity } from '../identity/identity.ts';

export type DirectoryAnswer<T> =
  | { readonly kind: 'found'; readonly value: T }
  /** The app knows no such customer, or will not show it to this actor. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly cause: string };

export interface Directory {
  /** At most `limit` customers matching the text. */
  search(text: string, limit: number, credential: Credential): Promise<DirectoryAnswer<readonly Identity[]>>;
  fetch(id: string, credential: Credential): Promise<DirectoryAnswer<Identity>>;
}
