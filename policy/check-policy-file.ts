/** The answer behind `policy check`: is this file a policy, and if not, what is wrong where. */
import { loadPolicy } from './load-policy.ts';
import type { Policy } from './policy.ts';
import { formatMistakes, type Mistake } from './yaml/mistake.ts';

export type PolicyCheck =
  | { readonly ok: true; readonly policy: Policy; readonly text: string }
  | { readonly ok: false; readonly mistakes: readonly Mistake[]; readonly text: string };

/** @param file name to print before each mistake; @param content the text of the file */
export function checkPolicyFile(file: string, content: string): PolicyCheck {
  const loaded = loadPolicy(content);
  if (!loaded.ok) {
    const count = loaded.mistakes.length === 1 ? '1 mistake' : `${loaded.mistakes.length} mistakes`;
    return {
      ok: false,
      mistakes: loaded.mistakes,
      text: `${formatMistakes(file, loaded.mistakes)}\n${count} in ${file}`,
    };
  }
  const { rules, settings } = loaded.policy;
  const { reads, writes } = settings.otherwise;
  const text = `${file} is good: ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}; otherwise reads ${reads}, writes ${writes}`;
  return { ok: true, policy: loaded.policy, text };
}
