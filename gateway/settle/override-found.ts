/** What looking for a wish for another method in a body comes to. */
export type BodyOverride =
  | { readonly kind: 'none' }
  /** Wished for in one place and one spelling: `without` is the same body, byte for byte, less that place. */
  | { readonly kind: 'certain'; readonly wishes: readonly string[]; readonly without: Buffer }
  /** Some stack would find a wish here; what is left without it cannot be said for certain. */
  | { readonly kind: 'uncertain' };

export const NO_OVERRIDE: BodyOverride = { kind: 'none' };
export const UNCERTAIN: BodyOverride = { kind: 'uncertain' };
