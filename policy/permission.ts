/** Who may take whose seat, and who may read the record. Seed "Who can act as a shopper"; nobody gains by acting. */
import type { ActRefusal, Mode, Permission } from './decision.ts';
import type { Person } from './person.ts';
import type { Pause } from './terms.ts';

export type Grant = {
  readonly actors: readonly string[];
  readonly subjects: readonly string[];
  readonly market: 'same' | 'any';
  readonly assigned: boolean;
  /** Only for actors of whom the app says plainly that this, or each of these, is true. */
  readonly claim?: string | readonly string[] | undefined;
  readonly mode: Mode;
  readonly take_over: boolean;
} & Partial<GrantTerms>;

/** What a line may say for its own actors; what it leaves open, `act_as` itself says. */
type GrantTerms = {
  readonly idle_timeout: number | undefined;
  readonly absolute_timeout: number | undefined;
  readonly land_on: string | undefined;
  readonly pause: Pause | undefined;
};

export type Reviewers = readonly {
  readonly roles: readonly string[];
  readonly see: 'own_market' | 'every_market';
}[];

/** Whether there is anyone at all for whom this person may act; asked before a button is shown. */
export function mayActAtAll(grants: readonly Grant[], actor: Person): boolean {
  return (
    standing(actor) === null &&
    grantsOf(grants, actor).some((grant) => grant.market === 'any' || actor.market !== null)
  );
}

/** The words of the role by which this actor may act for this subject: `market_manager` as "market manager". */
export function actingRole(
  grants: readonly Grant[],
  never: readonly string[],
  actor: Person,
  subject: Person,
): string {
  const own = grantsOf(grants, actor);
  const permitting =
    own.length === 1 ? own : own.filter((grant) => mayActFor([grant], never, actor, subject).allowed);
  const best = permitting.find((grant) => grant.mode === 'full') ?? permitting[0];
  const role = best?.actors.find((one) => actor.roles.includes(one));
  return (role ?? 'staff').replaceAll(/[_-]+/g, ' ');
}

export function mayActFor(
  grants: readonly Grant[],
  never: readonly string[],
  actor: Person,
  subject: Person,
): Permission {
  const lost = standing(actor);
  if (lost !== null) return refuse(lost === 'blocked' ? 'actor_blocked' : 'actor_inactive');
  const own = grantsOf(grants, actor);
  if (own.length === 0) return refuse('actor_not_permitted');
  if (actor.id === subject.id) return refuse('self');

  // Whatever else the subject also is.
  if (subject.roles.some((role) => never.includes(role))) return refuse('subject_protected');

  // Each role of the subject must be granted: one that nobody thought of might be worth gaining.
  const byRole = own.filter(
    (grant) => subject.roles.length > 0 && subject.roles.every((role) => grant.subjects.includes(role)),
  );
  if (byRole.length === 0) return refuse('subject_role');

  // Before the subject's status, which is nobody's business in another market.
  const byMarket = byRole.filter(
    (grant) => grant.market === 'any' || (actor.market !== null && actor.market === subject.market),
  );
  if (byMarket.length === 0) return refuse('other_market');
  const gone = standing(subject);
  if (gone !== null) return refuse(gone === 'blocked' ? 'subject_blocked' : 'subject_inactive');

  const full = byMarket.filter((grant) => !grant.assigned || subject.assignedTo === actor.id);
  if (full.length === 0) return refuse('not_assigned');
  return { allowed: true, mode: full.some((grant) => grant.mode === 'full') ? 'full' : 'view' };
}

/** Whether this actor may end a colleague's session for this subject and take the seat. */
export function mayTakeOver(
  grants: readonly Grant[],
  never: readonly string[],
  actor: Person,
  subject: Person,
): boolean {
  const taking = grants.filter((grant) => grant.take_over);
  return mayActFor(taking, never, actor, subject).allowed;
}

export function mayReview(reviewers: Reviewers, person: Person): 'own_market' | 'every_market' | null {
  if (standing(person) !== null) return null;
  const own = reviewers.filter((reviewer) => reviewer.roles.some((role) => person.roles.includes(role)));
  if (own.some((reviewer) => reviewer.see === 'every_market')) return 'every_market';
  return own.length > 0 && person.market !== null ? 'own_market' : null;
}

function grantsOf(grants: readonly Grant[], actor: Person): readonly Grant[] {
  return grants.filter(
    ({ actors, claim }) =>
      actors.some((role) => actor.roles.includes(role)) &&
      [claim ?? []].flat().every((one) => Object.hasOwn(actor.claims, one) && actor.claims[one] === true),
  );
}

/** What keeps a person from anything of this, whatever their roles; null where nothing does. */
function standing({ active, blocked }: Person): 'inactive' | 'blocked' | null {
  if (!active) return 'inactive';
  return blocked === true ? 'blocked' : null;
}

function refuse(reason: ActRefusal): Permission {
  return { allowed: false, reason };
}
