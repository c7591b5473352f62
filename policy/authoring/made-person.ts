/** Somebody who exists only in a question to a policy: an id, roles, and what else the question says of them. */
import type { Person } from '../person.ts';

export function made(id: 'actor' | 'subject', roles: readonly string[], more: Partial<Person> = {}): Person {
  return {
    id,
    name: `Some ${id}`,
    email: `${id}@example.test`,
    roles,
    market: 'one',
    active: true,
    assignedTo: null,
    claims: {},
    ...more,
  };
}
