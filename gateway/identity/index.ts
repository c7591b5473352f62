/** Who a request's own user is, and the tools by which the market app is asked about people. */
export type { Credential, Identity, IdentityAnswer, IdentityProvider } from './identity.ts';
export { identitySchema, type IdentityConfig } from './identity-schema.ts';
export { createIdentityProvider, type IdentityDeps } from './create-identity-provider.ts';
export { askJson, proofFor, type AskDeps, type JsonAnswer, type Question } from './ask-json.ts';
export { compilePerson, type PersonReader } from './person-reader.ts';
export { personSchema, pointerSchema, type PersonMapping } from './person-schema.ts';
export { compilePointer, type PointerReader } from './json-pointer.ts';
export { cookieChoiceSchema, fixedHeadersSchema, questionTimeout, upstreamPath } from './question-schema.ts';
