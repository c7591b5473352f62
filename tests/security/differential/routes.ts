/** The routes that every router has, and the policy over them: what must never run, and what may. */

export type RouteEntry = { readonly method: string; readonly path: string; readonly blocked: boolean };

function route(line: string, blocked: boolean): RouteEntry {
  const [method = '', path = ''] = line.split(' ');
  return { method, path, blocked };
}

export const ROUTES: readonly RouteEntry[] = [
  ...[
    'PUT /api/password',
    'POST /api/cards',
    'DELETE /api/cards/:id',
    'POST /api/users/:id/roles',
    'PUT /api/users/:id/settings/email',
    'DELETE /files/:name',
    'GET /api/secrets/:id',
    'GET /logout',
  ].map((line) => route(line, true)),
  ...[
    'GET /',
    'GET /api/password',
    'GET /api/products/:id',
    'POST /api/cart/items',
    'POST /api/cart/items/:id',
    'PUT /api/cart/items/:id',
    'DELETE /api/cart/items/:id',
    'GET /api/users/:id',
    'POST /api/users/:id',
    'PUT /api/users/:id/settings/theme',
    'GET /files/:name',
    'POST /files/:name',
  ].map((line) => route(line, false)),
];

/** What a GraphQL server does, at `/graphql`: the kind of operation for a method, its field for a path. */
export const OPERATIONS: readonly RouteEntry[] = [
  route('MUTATION changePassword', true),
  route('MUTATION deleteCard', true),
  route('MUTATION addToCart', false),
  route('QUERY products', false),
];

export const BLOCKED = ROUTES.filter(({ blocked }) => blocked);
export const ALLOWED = ROUTES.filter(({ blocked }) => !blocked);

export function nameOf({ method, path }: RouteEntry): string {
  return `${method} ${path}`;
}

/** As permissive as a policy can be around its blocks, so that a block must find every spelling by itself. */
export const BLOCKING = `
version: 1
act_as:
  who: [{ actors: [market_manager], subjects: [shopper], market: same }]
rules:
${BLOCKED.map((entry, index) => `  - { id: blocked-${index}, on: ['${nameOf(entry)}'], effect: block }`).join('\n')}
  - { id: lifted, on: ['POST /files/:name'], effect: allow }
  - { id: password-form, on: ['GET /api/password'], effect: allow }
  - { id: graphql-blocked, on: ['GET|POST /graphql'], graphql: { mutation: [changePassword, deleteCard] }, effect: block }
  - { id: graphql, on: ['GET|POST /graphql'], graphql: { query: ['*'], mutation: [addToCart] }, effect: allow }
otherwise: { reads: allow, writes: allow }
`;

const PERMITTED = [
  'GET /api/products/:id',
  'POST /api/cart/items',
  'PUT /api/cart/items/:id',
  'POST /files/:name',
];

/** As narrow as a policy can be: nothing may run but what it names, so that a permit must mean no more than it says. */
export const PERMITTING = `
version: 1
act_as:
  who: [{ actors: [market_manager], subjects: [shopper], market: same }]
rules:
${PERMITTED.map((line, index) => `  - { id: permitted-${index}, on: ['${line}'], effect: allow }`).join('\n')}
otherwise: { reads: block, writes: block }
`;

/** By `METHOD path` of a route. */
export function isPermitted(name: string): boolean {
  return PERMITTED.includes(name);
}
