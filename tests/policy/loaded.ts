/** Loads a policy for a test and asks it short questions. */
import { readFileSync } from 'node:fs';
import {
  formatMistakes,
  loadPolicy,
  type Decision,
  type DecisionRequest,
  type Policy,
  settlePath,
} from '../../policy/index.ts';
import { mia, sam } from './people.ts';

export const SHIPPED = readFileSync(new URL('../../policy.yaml', import.meta.url), 'utf8');
const HEAD = 'version: 1\nact_as: { who: [{ actors: [market_manager], subjects: [shopper] }] }\n';

export function load(text: string): Policy {
  const loaded = loadPolicy(text);
  if (!loaded.ok) throw new Error(formatMistakes('policy.yaml', loaded.mistakes));
  return loaded.policy;
}

/** A policy of these rules (YAML flow mappings) under an otherwise minimal head. */
export function loadRules(rules: readonly string[], more = ''): Policy {
  const lines = rules.map((rule) => `  - ${rule}\n`).join('');
  return load(`${HEAD}${more}\n${lines === '' ? '' : `rules:\n${lines}`}`);
}

/** `ask(policy, 'PUT /api/password')` while Mia acts as Sam. */
export function ask(policy: Policy, line: string, more: Partial<DecisionRequest> = {}): Decision {
  const [method = '', path = ''] = line.split(' ');
  return policy.decide({
    side: 'acting',
    method,
    path: settlePath(path.replace(/\?.*$/, '')),
    query: /\?.*$/.exec(path)?.[0] ?? '',
    header: () => null,
    body: null,
    actor: mia,
    subject: sam,
    mode: 'full',
    sessionId: 's-1',
    ...more,
  });
}

/** `effect by rule`, the two words that matter. */
export function verdict(policy: Policy, line: string, more: Partial<DecisionRequest> = {}): string {
  const { effect, rule, reason } = ask(policy, line, more);
  return `${effect} ${rule ?? reason}`;
}
