/** Which methods of a route change something. */
import { isRead } from '../../is-read.ts';
import type { Route } from '../../language/route-pattern.ts';

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Of the methods that people name; ANY stands for all of them. */
export function writesOf({ methods }: Route): readonly string[] {
  return (methods ?? WRITES).filter((method) => !isRead(method));
}
