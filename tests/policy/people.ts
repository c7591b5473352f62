/** The demo market's people, as policies see them. */
import type { Person } from '../../policy/index.ts';

export function person(name: string, roles: readonly string[], more: Partial<Person> = {}): Person {
  const id = name.toLowerCase();
  return {
    id,
    name,
    email: `${id}@valley.example`,
    roles,
    market: 'valley',
    active: true,
    assignedTo: null,
    claims: {},
    ...more,
  };
}

export const mia = person('Mia', ['market_manager'], { name: 'Mia Moreno' });
export const max = person('Max', ['market_manager'], { market: 'hill' });
export const root = person('Root', ['superuser'], { market: null });
export const sara = person('Sara', ['sales_staff']);
export const cora = person('Cora', ['customer_service'], { claims: { access_all: true } });
export const sam = person('Sam', ['shopper'], { assignedTo: 'sara', name: 'Sam Shopper' });
export const sue = person('Sue', ['shopper']);
export const hal = person('Hal', ['shopper'], { market: 'hill' });
export const gus = person('Gus', ['grower']);
export const vic = person('Vic', ['volunteer']);
export const ina = person('Ina', ['shopper'], { active: false });
