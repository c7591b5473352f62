/** Whether people of these roles may act for one another at all, in a sentence for those who ask what a rule would do. */
import type { Permission } from '../decision.ts';
import type { Person } from '../person.ts';
import type { Policy } from '../policy.ts';

export type MayAct = { readonly allowed: boolean; readonly words: string };

export function mayAct(policy: Policy, actor: Person, subject: Person): MayAct {
  const asThey = policy.mayActFor(actor, subject);
  // A question names roles; whose customer it is, it cannot say.
  const permission = asThey.allowed ? asThey : policy.mayActFor(actor, { ...subject, assignedTo: actor.id });
  if (!permission.allowed)
    return { allowed: false, words: `${refused(permission, policy, actor, subject)}.` };
  const assigned = asThey.allowed ? '' : ' if assigned to them';
  const mode = permission.mode === 'view' ? ', but only look' : '';
  return { allowed: true, words: `${rolesOf(actor)} may act for ${rolesOf(subject)}${assigned}${mode}.` };
}

function refused(
  { reason }: Permission & { allowed: false },
  { settings }: Policy,
  actor: Person,
  subject: Person,
): string {
  switch (reason) {
    case 'actor_not_permitted':
      return `${rolesOf(actor)} may not act for anyone (act_as.who)`;
    case 'subject_protected': {
      const never = subject.roles.filter((role) => settings.never.includes(role));
      return `no one may act for ${never.join(', ')} (act_as.never)`;
    }
    case 'other_market':
      return `${rolesOf(actor)} may act for ${rolesOf(subject)} of their own market only (act_as.who)`;
    case 'subject_role':
    case 'not_assigned':
    case 'actor_inactive':
    case 'actor_blocked':
    case 'subject_inactive':
    case 'subject_blocked':
    case 'self':
      break;
  }
  return `${rolesOf(actor)} may not act for ${rolesOf(subject)} (act_as.who)`;
}

function rolesOf({ roles }: Person): string {
  return roles.length === 0 ? 'someone without a role' : roles.join(', ');
}
