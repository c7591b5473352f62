/** The public face of policy: rules in, decision out; also the checked reading of files that people edit. */
export { byteSizeSchema } from './byte-size.ts';
export { checkPolicyFile, type PolicyCheck } from './check-policy-file.ts';
export { type CheckedYaml, type Place, readCheckedYaml } from './checked-yaml.ts';
export { compilePattern } from './compile-pattern.ts';
export type * from './decision.ts';
export { durationSchema } from './duration.ts';
export { explain, type Explanation, type Question } from './explain.ts';
export { type LoadedPolicy, loadPolicy } from './load-policy.ts';
export { pathPatternSchema } from './language/words.ts';
export type { PathFault, SettledPath } from './path.ts';
export type { Person } from './person.ts';
export type * from './policy.ts';
export { settlePath } from './settle-path.ts';
export { formatMistakes, type Mistake } from './yaml/mistake.ts';
export { nearestWord } from './yaml/nearest-word.ts';
