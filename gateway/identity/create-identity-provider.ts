/** The identity provider that gateway.yaml asks for. */
import type { AskDeps } from './ask-json.ts';
import type { IdentityProvider } from './identity.ts';
import type { IdentityConfig } from './identity-schema.ts';
import { createIntrospect } from './introspect.ts';
import { createJwtIdentity } from './jwt.ts';

export type IdentityDeps = AskDeps & { readonly clock: () => number };

export function createIdentityProvider(config: IdentityConfig, deps: IdentityDeps): IdentityProvider {
  switch (config.kind) {
    case 'introspect':
      return createIntrospect(config, deps);
    case 'jwt':
      return createJwtIdentity(config, deps);
  }
}
