/** Which methods of a route change something. */
import type { Route } from '../../language/route-pattern.ts';

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];

export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Of the methods that people name; ANY stands for all of them. */
export function writesOf({ methods }: Route): readonly string[] {
  return (methods ?? WRITES).filter((method) => !isRead(method));
}
