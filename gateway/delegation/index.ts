/** How the market app is told whose seat a request sits in, and the keys that prove it. */
export type { Delegation } from './delegation.ts';
export { delegationSchema, type DelegationConfig, type SigningAlgorithm } from './delegation-schema.ts';
export { createDelegation, type DelegationDeps } from './create-delegation.ts';
export { KeysUnusableError } from './key-file.ts';
export { openKeyRing, type KeyRing, type SigningKey } from './key-ring.ts';
