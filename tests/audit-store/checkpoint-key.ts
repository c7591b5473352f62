/** A key that signs checkpoints in tests, and the vkey others would have of it. */
import { generateKeyPairSync } from 'node:crypto';
import type { NoteSigner } from '../../audit-store/index.ts';
import { noteVerifier, type VerifiersOf } from '../../audit-store/signed-note.ts';

export const ORIGIN = 'market.example/audit';

export const signer: NoteSigner = {
  name: ORIGIN,
  privateKey: generateKeyPairSync('ed25519').privateKey,
};

export const verifiersOf: VerifiersOf = () => [noteVerifier(signer.name, signer.privateKey)];
