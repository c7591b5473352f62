/** The delegation that gateway.yaml asks for. */
import type { Delegation } from './delegation.ts';
import type { DelegationConfig } from './delegation-schema.ts';
import type { KeyRing } from './key-ring.ts';
import { createTokenDelegation } from './token-delegation.ts';

export type DelegationDeps = {
  readonly keys: KeyRing;
  /** The site's public address; `iss` where the configuration names none. */
  readonly issuer: string;
  readonly clock: () => number;
  readonly randomUUID: () => string;
};

export function createDelegation(config: DelegationConfig, deps: DelegationDeps): Delegation {
  switch (config.kind) {
    case 'token':
      return createTokenDelegation(config, { ...deps, signing: deps.keys.signing });
  }
}
