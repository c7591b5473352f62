/**
 * A process: the app behind every peer, as small as it can be, so that the peers are measured and not it.
 * Towards the gateway it plays the market: it says who somebody is by cookie or bearer, and verifies nothing.
 */
import { createServer, type ServerResponse } from 'node:http';

const MANAGER = {
  id: 'u-mia',
  name: 'Mia Manager',
  email: 'mia@valley.example',
  roles: ['market_manager'],
  market: { id: 'valley', name: 'Valley Market' },
  active: true,
};
const SUBJECT = {
  ...MANAGER,
  id: 'u-sam',
  name: 'Sam Shopper',
  email: 'sam@valley.example',
  roles: ['shopper'],
};

const PAGE = page(46_000);
const PRODUCTS = json({
  products: ['Carrots', 'Eggs, a dozen', 'Rye bread', 'Honey'].map((name, index) => ({
    id: `p-${index}`,
    name,
    unit: 'each',
    price: 350 + index * 25,
  })),
});
const ORDERS = json({ orders: [{ id: 'o-1', subtotal: 1400, tax: 98, total: 1498, note: null }] });
const ORDER = json({
  order: { id: 'o-2', subtotal: 1400, tax: 98, total: 1498, note: 'n', placed_by: 'u-mia' },
});
const AS_MANAGER = json({ user: MANAGER });
const AS_SUBJECT = json({ user: SUBJECT });
const CUSTOMER = json({ customer: SUBJECT });
const UNKNOWN = json({ error: 'not found' });

const server = createServer({ keepAliveTimeout: 60_000, requireHostHeader: true }, (request, response) => {
  const path = request.url ?? '/';
  if (request.method === 'POST') {
    request.resume().once('end', () => answer(response, 201, 'application/json', ORDER));
  } else if (path === '/market') {
    answer(response, 200, 'text/html; charset=utf-8', PAGE);
  } else if (path === '/api/products') {
    answer(response, 200, 'application/json', PRODUCTS);
  } else if (path === '/api/orders') {
    answer(response, 200, 'application/json', ORDERS);
  } else if (path === '/api/me') {
    const seated = request.headers.authorization?.startsWith('Bearer ') === true;
    answer(response, 200, 'application/json', seated ? AS_SUBJECT : AS_MANAGER);
  } else if (path.startsWith('/api/customers/')) {
    answer(response, 200, 'application/json', CUSTOMER);
  } else {
    answer(response, 404, 'application/json', UNKNOWN);
  }
});
server.listen(Number(process.argv[2]), '127.0.0.1');

function answer(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    vary: 'cookie',
  });
  response.end(body);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function page(size: number): Buffer {
  const row =
    '<tr><td class="name">Carrots</td><td class="price">$3.50</td><td><button>Add</button></td></tr>\n';
  const head = '<!doctype html>\n<html lang="en"><head><title>Market</title></head><body><table>\n';
  const end = '</table></body></html>\n';
  const rows = Math.floor((size - head.length - end.length) / row.length);
  return Buffer.from(head + row.repeat(rows) + end);
}
