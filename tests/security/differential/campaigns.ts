/** The ways of configuring a gateway that generated requests are sent through, the strictest first. */

import { BLOCKED, BLOCKING, isPermitted, nameOf, OPERATIONS, PERMITTING } from './routes.ts';

export type Campaign = {
  readonly name: string;
  /** The `settling` part of gateway.yaml, as a YAML flow mapping. */
  readonly settling: string;
  readonly policy: string;
  /** Whether a handler, by `METHOD path`, may run for something that was forwarded. */
  readonly mayRun: (route: string) => boolean;
};

const blocked = new Set([...BLOCKED, ...OPERATIONS.filter((one) => one.blocked)].map(nameOf));
const blocking = { policy: BLOCKING, mayRun: (route: string): boolean => !blocked.has(route) };

const EVERYTHING_ALLOWED =
  'semicolons: allow, encoded_slashes: allow, encoded_delimiters: allow, empty_segments: allow, trailing_dots: allow, lookalikes: allow';

export const CAMPAIGNS: readonly Campaign[] = [
  { name: 'as it comes', settling: '{}', ...blocking },
  { name: 'with every relaxation', settling: `{ ${EVERYTHING_ALLOWED} }`, ...blocking },
  {
    name: 'with every relaxation, methods matched',
    settling: `{ ${EVERYTHING_ALLOWED}, method_override: match }`,
    ...blocking,
  },
  {
    name: 'with slashes merged, overrides refused',
    settling: '{ empty_segments: merge, method_override: refuse }',
    ...blocking,
  },
  { name: 'with a policy that permits little', settling: '{}', policy: PERMITTING, mayRun: isPermitted },
];
