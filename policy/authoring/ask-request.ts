/** Puts a request that somebody wrote down (in a test, on the command line, in a form) to a policy, as the gateway would. */
import type { Decision, DecisionRequest, Mode } from '../decision.ts';
import type { PathFault, SettledPath } from '../path.ts';
import type { Person } from '../person.ts';
import type { Policy } from '../policy.ts';
import { settlePath } from '../settle-path.ts';
import { writtenBody } from './written-body.ts';

export type WrittenRequest = {
  readonly side: 'acting' | 'assisted';
  readonly method: string;
  /** Path as a client would send it, with or without a query. */
  readonly target: string;
  readonly actor: Person;
  readonly subject: Person;
  readonly mode: Mode;
  /** False before the actor has locked the cart; locked where nothing is said. */
  readonly locked?: boolean;
  /** Besides what stands after the `?` of the target. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a request without a body. */
  readonly body: unknown;
};

export type Asked = {
  readonly path: SettledPath;
  readonly request: DecisionRequest;
  /** Why the path has no single meaning. */
  readonly faults: readonly PathFault[];
  /** Null when the request is refused before any rule is asked. */
  readonly decision: Decision | null;
};

export function askRequest(policy: Policy, written: WrittenRequest): Asked {
  const { side, actor, subject, mode, target } = written;
  const path = settlePath(target.replace(/\?[^]*$/, ''));
  const headers = new Map(
    Object.entries(written.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const header = (name: string) => headers.get(name) ?? null;
  const request: DecisionRequest = {
    side,
    method: written.method.toUpperCase(),
    path,
    query: queryOf(target, written.query),
    header,
    body: writtenBody(header('content-type'), written.body),
    actor,
    subject,
    mode,
    locked: written.locked ?? true,
  };
  const { faults } = path;
  const refused = side === 'acting' && faults.length > 0;
  return { path, request, faults, decision: refused ? null : policy.decide(request) };
}

function queryOf(target: string, more: Readonly<Record<string, unknown>>): string {
  const written = /\?([^]*)$/.exec(target)?.[1] ?? '';
  const added = new URLSearchParams(Object.entries(more).map(([name, value]) => [name, String(value)]));
  const query = [written, added.toString()].filter((part) => part !== '').join('&');
  return query === '' ? '' : `?${query}`;
}
