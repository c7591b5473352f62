/** The tools of those who write a policy: warnings, tests, coverage, probe, and a schema for their editor. */
export { type Coverage, findUnnamed } from './coverage/find-unnamed.ts';
export { fromHar } from './coverage/from-har.ts';
export { fromOpenApi } from './coverage/from-openapi.ts';
export type { SeenRoute } from './coverage/group-routes.ts';
export type { SeenReading, SeenRequest } from './coverage/seen-request.ts';
export { spellSuggestion, suggestRules, type Suggestion } from './coverage/suggest-rules.ts';
export { type JsonSchema, jsonSchemaOf, policyJsonSchema } from './json-schema.ts';
export { made } from './made-person.ts';
export { mayAct, type MayAct } from './may-act.ts';
export type { NearMiss } from './near-misses.ts';
export { obligationsOf } from './obligations.ts';
export type { ProbeAnswer } from './probe/fingerprint.ts';
export {
  type AskUpstream,
  probe,
  type ProbeFinding,
  type ProbeMethod,
  type ProbeReport,
} from './probe/probe.ts';
export { runTests, type TestResult } from './tests/run-tests.ts';
export type { PolicyTest } from './tests/test-schema.ts';
export { type Warning, WARNING_CODES, type WarningCode } from './warnings/warning.ts';
