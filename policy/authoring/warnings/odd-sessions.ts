/** Finds what is said of sessions and comes to nothing: a page to begin on that is blocked, a lock or a cart that pauses nothing. */
import { compilePattern } from '../../compile-pattern.ts';
import type { PolicyFile } from '../../language/policy-schema.ts';
import { settlePath } from '../../settle-path.ts';
import type { Finding } from './warning.ts';

export function findOddSessions(file: PolicyFile): readonly Finding[] {
  return [...beginsBlocked(file), ...locksNothing(file), ...pausesNoCart(file)];
}

function beginsBlocked({ act_as, rules }: PolicyFile): readonly Finding[] {
  const landings = [
    { page: act_as.land_on, path: ['act_as', 'land_on'] },
    ...act_as.who.map(({ land_on: page }, index) => ({ page, path: ['act_as', 'who', index, 'land_on'] })),
  ];
  return landings.flatMap(({ page, path }) => {
    const rule =
      page === undefined ? undefined : rules.find((one) => one.effect === 'block' && opens(one, page));
    if (rule === undefined) return [];
    return [
      {
        code: 'begins_blocked',
        path,
        message: `sessions begin on ${page ?? ''}, which rule "${rule.id}" blocks`,
        hint: 'begin on a page that is open to whoever acts',
      } as const,
    ];
  });
}

function opens({ on }: PolicyFile['rules'][number], page: string): boolean {
  const path = settlePath(page);
  return on.some(
    ({ methods, pattern }) => methods?.includes('GET') !== false && compilePattern(pattern.text)(path),
  );
}

function locksNothing({ act_as, rules }: PolicyFile): readonly Finding[] {
  if (rules.some((rule) => rule.effect === 'pause')) return [];
  const lines = [
    { pause: act_as.pause, path: ['act_as', 'pause'] },
    ...act_as.who.map(({ pause }, index) => ({ pause, path: ['act_as', 'who', index, 'pause'] })),
  ];
  return lines.flatMap(({ pause, path }) =>
    pause !== 'on_lock'
      ? []
      : [
          {
            code: 'locks_nothing',
            path,
            message: 'nothing pauses when the cart is locked',
            hint: 'add a rule with while: assisted and effect: pause for what writes into the cart',
          } as const,
        ],
  );
}

function pausesNoCart({ rules }: PolicyFile): readonly Finding[] {
  if (rules.some((rule) => rule.while === 'assisted' && rule.cart_id !== undefined)) return [];
  return rules.flatMap(({ id, cart_id }, index) =>
    cart_id === undefined
      ? []
      : [
          {
            code: 'pauses_no_cart',
            path: ['rules', index, 'cart_id'],
            message: `rule "${id}" says where a cart's own id stands, and no rule pauses carts by it`,
            hint: 'name the parameter as cart_id in the rule that pauses (while: assisted)',
          } as const,
        ],
  );
}
