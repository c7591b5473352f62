/** The ways of deciding that are compared, each made ready for one app: the gateway's own, a loop, and casbin. */
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import picomatch from 'picomatch/posix.js';
import { loadPolicy, settlePath, type Person } from '../../policy/index.ts';
import type { Asked, MadeApp } from './made-app.ts';

/** Answers with whatever was concluded, so that nothing can be left out of the work. */
export type Decide = (asked: Asked) => unknown;

export type Decider = {
  readonly name: string;
  /** Loads the rules; what it takes is measured. */
  readonly load: (app: MadeApp) => Promise<Decide> | Decide;
  /** Rules beyond which one decision takes so long that measuring it is no use. */
  readonly most: number;
};

const ACTOR = person('u-mia', 'market_manager');
const SUBJECT = person('u-sam', 'shopper');

export const ACTING = 'gateway, acting';
export const ORDINARY = 'gateway, ordinary';

export const DECIDERS: readonly Decider[] = [
  { name: ORDINARY, load: loadOrdinary, most: Infinity },
  { name: ACTING, load: loadActing, most: Infinity },
  { name: 'a loop over picomatch', load: loadLoop, most: Infinity },
  { name: 'casbin', load: loadCasbin, most: 1000 },
];

/** What is asked of every write and page while somebody is acting: could a rule pause it? */
function loadOrdinary({ yaml }: MadeApp): Decide {
  const policy = loaded(yaml);
  return ({ method, path }) => policy.pausesAnything(method, settlePath(path));
}

function loadActing({ yaml }: MadeApp): Decide {
  const policy = loaded(yaml);
  return ({ method, path }) =>
    policy.decide({
      side: 'acting',
      method,
      path: settlePath(path),
      query: '',
      header: () => null,
      body: null,
      actor: ACTOR,
      subject: SUBJECT,
      mode: 'full',
      sessionId: 's-1',
    });
}

/** What one writes first: every rule's matcher in turn, the strictest effect of those that match. */
function loadLoop({ rules }: MadeApp): Decide {
  const order = ['allow', 'pause', 'audit', 'block'];
  const compiled = rules.map(({ method, pattern, effect }) => {
    const matches = picomatch(pattern.replace(':id', '*'), { dot: true });
    return { method, matches: (path: string) => matches(path), rank: order.indexOf(effect) };
  });
  return ({ method, path }) => {
    const lower = path.toLowerCase();
    let strictest = 0;
    for (const rule of compiled)
      if (rule.rank > strictest && rule.method === method && rule.matches(lower)) strictest = rule.rank;
    return order[strictest];
  };
}

async function loadCasbin({ rules }: MadeApp): Promise<Decide> {
  const model = newModelFromString(`
[request_definition]
r = obj, act
[policy_definition]
p = obj, act, eft
[policy_effect]
e = !some(where (p.eft == deny))
[matchers]
m = r.act == p.act && keyMatch2(r.obj, p.obj)
`);
  const lines = rules.map(({ method, pattern, effect }) => {
    const effective = effect === 'audit' ? 'allow' : 'deny';
    return `p, ${pattern.replace('**', '*')}, ${method}, ${effective}`;
  });
  const enforcer = await newEnforcer(model, new StringAdapter(lines.join('\n')));
  return ({ method, path }) => enforcer.enforceSync(path, method);
}

function loaded(yaml: string) {
  const result = loadPolicy(yaml);
  if (!result.ok) throw new Error(`the made policy is wrong: ${result.mistakes[0]?.message ?? ''}`);
  return result.policy;
}

function person(id: string, role: string): Person {
  return {
    id,
    name: id,
    email: `${id}@valley.example`,
    roles: [role],
    market: null,
    active: true,
    assignedTo: null,
    claims: {},
  };
}
