/** Finds customers for someone who may act: each with what keeps them from it, and who sits there already. */
import type { Permission, Policy } from '../../policy/index.ts';
import type { Credential, Identity } from '../identity/index.ts';
import type { Parts } from '../parts.ts';
import { refusal, type Refusal } from '../refusal.ts';
import type { ActAsSession } from '../sessions/index.ts';

export type FoundCustomer = {
  readonly person: Identity;
  readonly status: 'active' | 'inactive' | 'blocked';
  readonly permission: Permission;
  /** Name of the staff member they are assigned to, their id where no name is to be had, or null. */
  readonly assignedTo: string | null;
  readonly taken: {
    readonly session: ActAsSession;
    readonly own: boolean;
    readonly mayTakeOver: boolean;
  } | null;
};

export type FoundCustomers = {
  readonly customers: readonly FoundCustomer[];
  /** There are more than are shown: the search can be narrowed. */
  readonly more: boolean;
};

/** The most that are ever shown. */
export const MOST_FOUND = 20;
const MOST_NAMES = 5;

/** By whatever the app's own search knows, and by the customer's id in any case. */
export async function findCustomers(
  text: string,
  actor: Identity,
  own: Credential,
  parts: Parts,
): Promise<FoundCustomers | Refusal> {
  const q = text.trim();
  const [found, byId] = await Promise.all([
    parts.directory.search(q, MOST_FOUND + 1, own),
    /^\S+$/.test(q) ? parts.directory.fetch(q, own) : null,
  ]);
  if (found.kind === 'unavailable') {
    parts.log.warn({ cause: found.cause }, 'the directory did not answer');
    return refusal('upstream_unreachable');
  }
  const first = byId?.kind === 'found' ? [byId.value] : [];
  const listed = found.kind === 'found' ? found.value : [];
  const people = [...first, ...listed.filter(({ id }) => first.every((one) => one.id !== id))];
  const shown = people.slice(0, MOST_FOUND);
  const staff = await namesOf(shown, actor, own, parts);
  const policy = parts.policy();
  return {
    customers: shown.map((person) => ({
      person,
      status: statusOf(person),
      permission: policy.mayActFor(actor, person),
      assignedTo: person.assignedTo === null ? null : (staff.get(person.assignedTo) ?? person.assignedTo),
      taken: takenSeat(person, actor, policy, parts),
    })),
    more: people.length > MOST_FOUND,
  };
}

function statusOf({ active, blocked }: Identity): FoundCustomer['status'] {
  if (!active) return 'inactive';
  return blocked === true ? 'blocked' : 'active';
}

/** Whose seats are taken is nobody's business who may not sit there. */
function takenSeat(person: Identity, actor: Identity, policy: Policy, parts: Parts): FoundCustomer['taken'] {
  const session = parts.sessions.liveFor(person.id, parts.clock.now());
  if (session === null || !policy.mayActFor(actor, person).allowed) return null;
  return { session, own: session.actor.id === actor.id, mayTakeOver: policy.mayTakeOver(actor, person) };
}

/** The app knows staff by the same routes, or it does not; a list of customers does not wait for many of them. */
async function namesOf(
  people: readonly Identity[],
  actor: Identity,
  own: Credential,
  parts: Parts,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(people.flatMap(({ assignedTo }) => assignedTo ?? []));
  ids.delete(actor.id);
  const answers = await Promise.all(
    [...ids].slice(0, MOST_NAMES).map((id) => parts.directory.fetch(id, own)),
  );
  const names = answers.flatMap((answer) =>
    answer.kind === 'found' ? [[answer.value.id, answer.value.name] as const] : [],
  );
  return new Map([[actor.id, actor.name], ...names]);
}
