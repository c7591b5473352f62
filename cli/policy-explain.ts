/** `understudy policy explain METHOD PATH`: what would happen to a request, by which rule, and which rules came close. */
import { parseArgs } from 'node:util';
import { type Decision, explain, made, obligationsOf, type Policy } from '../policy/index.ts';
import { readPolicyFile } from './read-policy-file.ts';
import { UsageError } from './usage-error.ts';

const OPTIONS = {
  policy: { type: 'string', default: 'policy.yaml' },
  as: { type: 'string', multiple: true },
  for: { type: 'string', multiple: true },
  in: { type: 'string' },
  claim: { type: 'string', multiple: true },
  mode: { type: 'string', default: 'full' },
  header: { type: 'string', multiple: true },
  body: { type: 'string' },
  assisted: { type: 'boolean', default: false },
} as const;

export function policyExplain(args: string[]): number {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const [method, target] = positionals;
  if (method === undefined || target === undefined || !target.startsWith('/'))
    throw new UsageError('write: understudy policy explain METHOD /path, for instance PUT /api/password');
  if (values.mode !== 'full' && values.mode !== 'view')
    throw new UsageError(`--mode is full or view, not "${values.mode}"`);
  const read = readPolicyFile(values.policy);
  if (read === null) return 1;
  const { policy } = read;
  // Those whom the first line of act_as.who is about, unless others are named.
  const [grant] = policy.settings.who;
  const actorRoles = values.as ?? grant?.actors.slice(0, 1) ?? [];
  const subjectRoles = values.for ?? grant?.subjects.slice(0, 1) ?? [];
  const claims = Object.fromEntries((values.claim ?? []).map(claimOf));
  const market = values.in === undefined ? {} : { market: values.in };
  const explanation = explain(policy, {
    side: values.assisted ? 'assisted' : 'acting',
    method,
    target,
    mode: values.mode,
    actor: made('actor', actorRoles, { ...market, claims }),
    subject: made('subject', subjectRoles, market),
    headers: Object.fromEntries((values.header ?? []).map(headerOf)),
    ...(values.body === undefined ? {} : { body: values.body }),
  });
  const lines = [
    explanation.mayAct.allowed
      ? `Permitted: ${explanation.mayAct.words}`
      : `No session: ${explanation.mayAct.words} If there were one:`,
    ...(values.assisted ? ['The customer sends this meanwhile.'] : []),
    ...(values.mode === 'view' ? ['The session may only look.'] : []),
    '',
    explanation.summary,
    ...(explanation.decision === null ? [] : details(policy, explanation.decision, values.policy)),
  ];
  if (explanation.near.length > 0) {
    lines.push('', 'Came close:');
    for (const { rule, route, why } of explanation.near)
      lines.push(`  ${rule.id} (${rule.effect} ${route}, line ${rule.line}): ${why}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function details(policy: Policy, decision: Decision, file: string): readonly string[] {
  const { rule, action } = decision;
  const summary = policy.rules.find(({ id }) => id === rule);
  const found = summary === undefined ? [] : [`  written at ${file}:${summary.line}`];
  if (summary !== undefined && summary.conditions.length > 0)
    found.push(`  holds only if ${summary.conditions.join(', and if ')}`);
  found.push(...obligationsOf(decision).map((words) => `  ${words}`));
  if (action !== null) found.push(`  on the record as ${action}`);
  if (decision.missed?.message !== undefined) found.push(`  people are told “${decision.missed.message}”`);
  if (summary !== undefined && summary.label !== null) found.push(`  people read “${summary.label}”`);
  return found;
}

/** `can_edit_price`, which is then true, or `level=3`. */
function claimOf(text: string): readonly [string, unknown] {
  const at = text.indexOf('=');
  if (at === -1) return [text, true];
  const value = text.slice(at + 1);
  try {
    const parsed: unknown = JSON.parse(value);
    return [text.slice(0, at), parsed];
  } catch {
    return [text.slice(0, at), value];
  }
}

function headerOf(text: string): readonly [string, string] {
  const parts = /^([\w-]+)\s*:\s*(.*)$/.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined)
    throw new UsageError(`--header wants 'name: value', not "${text}"`);
  return [parts[1].toLowerCase(), parts[2]];
}
