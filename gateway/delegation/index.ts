/** How the market app is told whose seat a request sits in, and the keys that prove it. */
export type { Delegation } from './delegation.ts';
export { delegationSchema, type DelegationConfig, type SigningAlgorithm } from './delegation-schema.ts';
export { createDelegation, type DelegationDeps } from './create-delegation.ts';
export { openCheckpointKey, readCheckpointKey } from './checkpoint-key.ts';
export { hasCode, KeysUnusableError, placePrivateFile, readPrivateFile } from './key-file.ts';
export { keyStamp, stampedAt } from './key-stamp.ts';
export { inKeyFolder, prepareKeyFolder } from './key-folder.ts';
export { openKeyRing, type KeyRing, type SigningKey } from './key-ring.ts';
export { rotateKeys, type RotateKeysOptions } from './rotate-keys.ts';
