/** A gateway with Mia in Sam's seat, in front of the lenient upstream, and a tap between the two. */
import { visitor } from '../../visitor.ts';
import { startSystem, type System } from '../../system.ts';
import { cookiesOf } from '../lenient-system.ts';
import { startLenientUpstream, type LenientUpstream } from '../lenient-upstream.ts';
import { startTap, type Tap } from './tap.ts';

export type CorpusSystem = {
  readonly system: System;
  readonly upstream: LenientUpstream;
  readonly tap: Tap;
  /** The bytes of a line, with this session's host and cookies in it. */
  readonly fill: (raw: string) => string;
  forget(): void;
  close(): Promise<void>;
};

/** Routes of apps other than the reference market's, for honest requests to reach. */
const MORE_RULES = `
  - { id: drafts, on: [POST /api/drafts, PATCH /api/drafts/:id], effect: audit, action: draft }
  - { id: uploads, on: [POST /api/uploads], effect: audit, action: upload }
  - { id: shop-api-blocked, on: ['GET|POST /shop-api'], graphql: { mutation: [changePassword] }, effect: block }
  - { id: shop-api, on: ['GET|POST /shop-api'], graphql: { query: ['*'], mutation: [addItem] }, effect: audit, action: shop_api }
  - { id: post-item, on: [POST /api/cart/items/:id], effect: audit, action: update_cart_item }
`;

export async function startCorpusSystem(settling = ''): Promise<CorpusSystem> {
  const upstream = await startLenientUpstream();
  const tap = await startTap(upstream.url);
  const system = await startSystem({
    upstreamUrl: tap.url,
    editPolicy: (yaml) => yaml.replace('\nrules:\n', `\nrules:${MORE_RULES}`),
    // The clock stands still: everything that is tried is tried within one minute, and each is to have its row.
    editGateway: (yaml) => `${yaml}\n${settling}\nlimits: { blocked_rows_per_minute: 100000 }\n`,
  });
  const { host, port } = new URL(system.url);
  const mia = visitor(system.url);
  mia.cookies.set('market_session', 'u-mia');
  await mia.actAs('u-sam');
  const session = `act_as=${mia.cookies.get('act_as') ?? ''}`;
  const values: Readonly<Record<string, string>> = {
    host,
    port,
    session,
    cookie: cookiesOf(mia),
    identity: 'market_session=u-mia',
  };
  return {
    system,
    upstream,
    tap,
    fill: (raw) =>
      raw.replaceAll(/\{(host|port|cookie|session|identity)\}/g, (_, key: string) => values[key] ?? ''),
    forget() {
      upstream.forget();
      tap.forget();
    },
    async close() {
      await system.close();
      await tap.close();
      await upstream.close();
    },
  };
}
