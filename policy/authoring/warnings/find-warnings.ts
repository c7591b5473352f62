/** Everything in a sound policy that its author should look at again, from the top of the file to its end. */
import type { PolicyFile } from '../../language/policy-schema.ts';
import { readRoute } from '../../language/route-pattern.ts';
import type { Place } from '../../checked-yaml.ts';
import { findCannotHold } from './cannot-hold.ts';
import { findManyInOne } from './many-in-one.ts';
import { type NamedRoute, namedRoutes } from './named-routes.ts';
import { findOverruled } from './overruled.ts';
import { findOddForbidding } from './odd-forbidding.ts';
import { findOddSessions } from './odd-sessions.ts';
import type { Finding, Warning } from './warning.ts';
import { findWidePermits } from './wide-permits.ts';

export function findWarnings(
  file: PolicyFile,
  positionOf: (path: readonly (string | number)[]) => Place,
): readonly Warning[] {
  const routes = namedRoutes(file.rules);
  const lineOf = (ruleIndex: number) => positionOf(['rules', ruleIndex]).line;
  const overruled = findOverruled(routes, lineOf);
  const idle = new Set(overruled.map(({ path }) => path.join('.')));
  const findings = [
    ...overruled,
    // What decides nothing permits nothing.
    ...findWidePermits(routes, lineOf, (permit) => isMeant(permit, file)).filter(
      ({ path }) => !idle.has(path.join('.')),
    ),
    ...findManyInOne(routes.all),
    ...findCannotHold(file),
    ...findOddForbidding(file),
    ...findOddSessions(file),
    ...findWritesAllowed(file),
  ];
  return findings
    .map(({ path, ...finding }) => ({ ...positionOf(path), ...finding }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** A test that sends a request and expects this very rule to let it through is an author's word that it is meant. */
function isMeant({ rule, route }: NamedRoute, file: PolicyFile): boolean {
  return file.tests.some((test) => {
    if (test.rule !== rule.id || test.expect !== rule.effect || test.send === undefined) return false;
    const sent = readRoute(test.send.replace(/\?.*$/, ''));
    return sent.ok && (sent.route.methods?.some((method) => route.methods?.includes(method)) ?? false);
  });
}

function findWritesAllowed({ otherwise }: PolicyFile): readonly Finding[] {
  if (otherwise.writes !== 'allow') return [];
  return [
    {
      code: 'writes_allowed',
      path: ['otherwise', 'writes'],
      message: 'every write that no rule names is sent, and leaves nothing in the record',
      hint: 'write block, or audit while it is still being learnt which writes the app has',
    },
  ];
}
