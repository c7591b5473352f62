/**
 * Compares how an upstream and this policy see other spellings of the blocked routes. Sends OPTIONS, HEAD and GET only,
 * without any credential; where looking itself is what a rule blocks, OPTIONS only. Nothing is changed by it.
 *
 * Where these methods cannot tell a blocked route from one that does not exist (many routers answer both 404), the pages
 * that do exist say which spellings the router takes for the same, and what it does there it is taken to do everywhere.
 */
import { readRoute, type Route } from '../../language/route-pattern.ts';
import type { Policy } from '../../policy.ts';
import { askRequest } from '../ask-request.ts';
import { made } from '../made-person.ts';
import { isRead } from '../../is-read.ts';
import { fingerprint, type ProbeAnswer } from './fingerprint.ts';
import { type Variant, variantsOf } from './variants.ts';

export type ProbeMethod = 'OPTIONS' | 'HEAD' | 'GET';
/** Sends the target as it stands, with no credential; rejects where the upstream does not answer. */
export type AskUpstream = (method: ProbeMethod, target: string) => Promise<ProbeAnswer>;

export type ProbeFinding = {
  /** `leak`: would be forwarded. `unseen`: stopped only because `otherwise` blocks what no rule names. */
  readonly severity: 'leak' | 'unseen';
  readonly rule: string;
  readonly method: string;
  readonly path: string;
  readonly variant: Variant;
  /** Seen on this very route, or on a page of the upstream whose spellings were tried instead. */
  readonly seenOn: string;
  /** What the policy makes of the variant: `audit by rule x`. */
  readonly gateway: string;
};

export type ProbeReport = {
  readonly findings: readonly ProbeFinding[];
  /** Variants asked about, and how many of those the upstream takes for the same route. */
  readonly tried: number;
  readonly takenForTheSame: number;
  /** Kinds of spelling that the upstream takes for the same somewhere. */
  readonly lenientAbout: readonly string[];
  /** Pages and blocked routes whose own answers told them from a route that does not exist. */
  readonly told: readonly string[];
  /** Blocked routes that answer like one that does not exist, and so were judged by those that were told. */
  readonly untold: readonly string[];
};

type Blocked = {
  readonly rule: string;
  readonly route: Route;
  readonly method: string;
  readonly path: string;
};
type Tells = { readonly plain: string; readonly method: ProbeMethod };

/** @param known paths that a GET without sign-in finds on the upstream */
export async function probe(
  policy: Policy,
  known: readonly string[],
  ask: AskUpstream,
): Promise<ProbeReport> {
  const findings: ProbeFinding[] = [];
  const lenient = new Map<string, string>();
  const told: string[] = [];
  const untold: Blocked[] = [];
  let tried = 0;
  let takenForTheSame = 0;

  /** Every variant that the upstream takes for this path, or null where its answers tell nothing. */
  async function sameAs(path: string, methods: readonly ProbeMethod[]): Promise<readonly Variant[] | null> {
    const tells = await whatTells(path, methods, ask);
    if (tells === null) return null;
    const asked = `${tells.method} ${path}`;
    told.push(asked);
    const same: Variant[] = [];
    for (const variant of variantsOf(path)) {
      tried += 1;
      if (fingerprint(await ask(tells.method, variant.target), variant.target) !== tells.plain) continue;
      takenForTheSame += 1;
      same.push(variant);
      if (!lenient.has(variant.kind)) lenient.set(variant.kind, asked);
    }
    return same;
  }

  for (const page of known) await sameAs(page, ['GET']);
  for (const one of blockedRoutes(policy)) {
    const same = await sameAs(one.path, harmless(one.route));
    if (same === null) untold.push(one);
    else findings.push(...same.flatMap((variant) => judge(policy, one, variant, told.at(-1) ?? '')));
  }
  for (const one of untold)
    for (const variant of variantsOf(one.path)) {
      const seenOn = lenient.get(variant.kind);
      if (seenOn !== undefined) findings.push(...judge(policy, one, variant, seenOn));
    }
  return {
    findings,
    tried,
    takenForTheSame,
    lenientAbout: [...lenient.keys()],
    told,
    untold: untold.map((one) => `${one.method} ${one.path}`),
  };
}

function blockedRoutes(policy: Policy): readonly Blocked[] {
  return policy.rules
    .filter((rule) => rule.effect === 'block')
    .flatMap((rule) =>
      rule.on.flatMap((text): Blocked[] => {
        const reading = readRoute(text);
        if (!reading.ok) return [];
        const { route } = reading;
        const path = sampleOf(route);
        return path === null
          ? []
          : [{ rule: rule.id, route, path, method: route.methods?.find((each) => !isRead(each)) ?? 'POST' }];
      }),
    );
}

/** A path of this route; null where it has no word of its own that could be spelt otherwise. */
function sampleOf({ pattern }: Route): string | null {
  const segments = pattern.segments.flatMap((segment) => {
    if (segment.kind === 'literal') return [encodeURIComponent(segment.text)];
    return segment.kind === 'one' ? ['1'] : [];
  });
  return pattern.segments.some((segment) => segment.kind === 'literal') ? `/${segments.join('/')}` : null;
}

/** A rule that blocks looking says that a GET does something; HEAD runs the same code in most frameworks. */
function harmless({ methods }: Route): readonly ProbeMethod[] {
  return methods === null || methods.some(isRead) ? ['OPTIONS'] : ['OPTIONS', 'GET', 'HEAD'];
}

/** The first method by which the upstream answers this path otherwise than one that surely does not exist. */
async function whatTells(
  path: string,
  methods: readonly ProbeMethod[],
  ask: AskUpstream,
): Promise<Tells | null> {
  const nowhere = path.replace(/[^/]*$/, 'no-such-route-0');
  const far = '/no-such-route-0';
  for (const method of methods) {
    const plain = fingerprint(await ask(method, path), path);
    const again = fingerprint(await ask(method, path), path);
    if (plain !== again) continue;
    const others = [];
    for (const target of [nowhere, far]) others.push(fingerprint(await ask(method, target), target));
    if (!others.includes(plain)) return { plain, method };
  }
  return null;
}

function judge(policy: Policy, blocked: Blocked, variant: Variant, seenOn: string): readonly ProbeFinding[] {
  const { rule, method, path } = blocked;
  const actor = made('actor', policy.settings.who[0]?.actors ?? []);
  const subject = made('subject', policy.settings.who[0]?.subjects ?? []);
  const written = {
    side: 'acting',
    method,
    actor,
    subject,
    mode: 'full',
    query: {},
    headers: {},
    body: undefined,
  } as const;
  const { decision } = askRequest(policy, { ...written, target: variant.target });
  // Refused because it has more than one meaning, or blocked by this rule or another: the author's word holds.
  if (decision === null || (decision.effect === 'block' && decision.rule !== null)) return [];
  // A rule about some actors only is not what decides for this one.
  const plain = askRequest(policy, { ...written, target: path }).decision;
  if (plain?.effect !== 'block' || plain.rule === null) return [];
  const forwarded = decision.effect === 'allow' || decision.effect === 'audit';
  const gateway = `${decision.effect} ${decision.rule === null ? `(${decision.reason})` : `by rule ${decision.rule}`}`;
  return [{ severity: forwarded ? 'leak' : 'unseen', rule, method, path, variant, seenOn, gateway }];
}
