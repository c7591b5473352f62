/** An app of any size and the policy for it: as many rules as are asked for, and requests that meet some of them. */

export type Rule = {
  readonly id: string;
  readonly while: 'acting' | 'assisted';
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In the language of policy.yaml: `:id` is one segment, `**` what is left. */
  readonly pattern: string;
  readonly effect: 'block' | 'audit' | 'pause';
};

export type Asked = { readonly method: Rule['method']; readonly path: string };

export type MadeApp = {
  readonly rules: readonly Rule[];
  readonly yaml: string;
  /** Half of them meet a rule; of the others some come close. */
  readonly requests: readonly Asked[];
};

/** The same for every size, so that only the number of rules differs; as many as the smallest app has. */
const DISTINCT = 40;

const KINDS = [
  { method: 'PUT', tail: '/password', effect: 'block', while: 'acting' },
  { method: 'POST', tail: '/orders', effect: 'audit', while: 'acting' },
  { method: 'PUT', tail: '/items/:id', effect: 'audit', while: 'acting' },
  { method: 'DELETE', tail: '/items/:id', effect: 'audit', while: 'acting' },
  { method: 'POST', tail: '/cart/**', effect: 'pause', while: 'assisted' },
] as const;

const HEAD = `version: 1
act_as: { who: [{ actors: [market_manager], subjects: [shopper] }] }
rules:
`;

export function makeApp(count: number): MadeApp {
  const rules = Array.from({ length: count }, (_, index): Rule => {
    const kind = KINDS[index % KINDS.length] ?? KINDS[0];
    const area = Math.floor(index / KINDS.length);
    const pattern = `/api/area-${area}${kind.tail}`;
    return { id: `rule-${index}`, while: kind.while, method: kind.method, pattern, effect: kind.effect };
  });
  const requests = rules.flatMap(({ method, pattern }, index): readonly Asked[] => {
    const path = pattern.replace(':id', `i-${index}`).replace('**', `lines/${index}`);
    return [
      { method, path },
      { method: 'GET', path: `${path}/details` },
    ];
  });
  return { rules, yaml: HEAD + rules.map(line).join(''), requests: spread(requests, DISTINCT) };
}

function line({ id, while: side, method, pattern, effect }: Rule): string {
  const action = effect === 'pause' ? '' : `, action: ${id.replace('-', '_')}`;
  const when = side === 'assisted' ? ', while: assisted' : '';
  return `  - { id: ${id}, on: ['${method} ${pattern}'], effect: ${effect}${action}${when} }\n`;
}

function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, items.length / most);
  return Array.from(
    { length: Math.min(most, items.length) },
    (_, index) => items[Math.floor(index * step)],
  ).filter((item) => item !== undefined);
}
