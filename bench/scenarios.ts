/** What is asked of every contestant: four requests as a browser sends them, and what is promised about each. */
import { GATEWAY, PASS_THROUGH, PEERS, UNAUDITED, type PeerName } from './contestants.ts';
import type { BenchRequest } from './load.ts';
import { MANAGER_COOKIE } from './peers/gateway.ts';

export type Target = { readonly peer: PeerName; readonly least: number };

export type Scenario = {
  readonly name: 'json' | 'page' | 'acting-get' | 'acting-post' | 'acting-post-anywhere';
  readonly title: string;
  readonly peers: readonly PeerName[];
  /** Whether a manager is acting while it runs, and sends these requests. */
  readonly acting: boolean;
  /** @param cookie what the browser holds. */
  readonly request: (cookie: string) => BenchRequest;
  /**
   * `own`: the proxy alone on its core, and ratios are of CPU time. `shared`: everything on every core, threads beside each
   * other, and ratios are of the requests that the clients saw.
   */
  readonly cores: 'own' | 'shared';
  /** Ratios of the gateway to a peer that we mean to keep. */
  readonly targets: readonly Target[];
};

export const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const BROWSER = {
  'user-agent': USER_AGENT,
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-US,en;q=0.9',
  'sec-fetch-site': 'same-origin',
};
const DATA = { ...BROWSER, accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
const DOCUMENT = {
  ...BROWSER,
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'upgrade-insecure-requests': '1',
};
const ORDER = JSON.stringify({ card_id: 'c-1', pickup_location_id: 'l-2', note: 'two bags, please' });

const order = (cookie: string): BenchRequest => ({
  method: 'POST',
  path: '/api/orders',
  headers: { ...DATA, 'content-type': 'application/json', cookie },
  body: ORDER,
});

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'json',
    title: 'Ordinary GET, a little JSON',
    peers: [GATEWAY, ...PEERS.filter((peer) => peer !== UNAUDITED)],
    acting: false,
    cores: 'own',
    request: (cookie) => ({ method: 'GET', path: '/api/products', headers: { ...DATA, cookie } }),
    targets: [
      { peer: PASS_THROUGH, least: 0.9 },
      { peer: '@fastify/http-proxy', least: 1.5 },
    ],
  },
  {
    name: 'page',
    title: 'Ordinary GET, a page of 46 kB',
    peers: [GATEWAY, ...PEERS.filter((peer) => peer !== UNAUDITED)],
    acting: false,
    cores: 'own',
    request: (cookie) => ({ method: 'GET', path: '/market', headers: { ...DOCUMENT, cookie } }),
    targets: [
      { peer: PASS_THROUGH, least: 0.9 },
      { peer: '@fastify/http-proxy', least: 1.5 },
    ],
  },
  {
    name: 'acting-get',
    title: 'Acting GET, a little JSON (the pass-through only passes it on)',
    peers: [GATEWAY, PASS_THROUGH],
    acting: true,
    cores: 'own',
    request: (cookie) => ({ method: 'GET', path: '/api/orders', headers: { ...DATA, cookie } }),
    targets: [{ peer: PASS_THROUGH, least: 0.7 }],
  },
  {
    name: 'acting-post',
    title:
      'Acting POST, audited: actor asked anew, intent and outcome on disk (the pass-through only passes it on)',
    peers: [GATEWAY, UNAUDITED, PASS_THROUGH],
    acting: true,
    cores: 'own',
    request: order,
    targets: [],
  },
  {
    name: 'acting-post-anywhere',
    title: 'The same, and everything on every core: what the clients see',
    peers: [GATEWAY, UNAUDITED],
    acting: true,
    cores: 'shared',
    request: order,
    targets: [{ peer: UNAUDITED, least: 0.6 }],
  },
];

/** The Cookie header of everyone who is not acting. */
export const ORDINARY_COOKIE = MANAGER_COOKIE;
