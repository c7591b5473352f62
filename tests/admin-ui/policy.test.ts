/** The policy page: what is in force, since when and by what, what is wrong with the newest file, and what a request would meet. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditDesk, shippedInForce, type AuditDesk } from './audit-desk.ts';
import { textOf } from './rows.ts';

const POLICY = '/admin/impersonation-audit/policy';

let desk: AuditDesk;
beforeAll(async () => {
  desk = await auditDesk();
});
beforeEach(() => {
  desk.inForce.value = shippedInForce(Date.parse('2026-04-20T15:58:00Z'));
});
afterAll(() => desk.close());

const open = async (query: Readonly<Record<string, string>> = {}) => {
  const answer = await desk.get(`${POLICY}?${new URLSearchParams(query).toString()}`, 'mia');
  const html = await answer.text();
  return { status: answer.status, html, text: textOf(html) };
};

it.each([
  ['nobody', 401],
  ['sam', 403],
  ['adrift', 403],
  ['unknown', 503],
  ['mia', 200],
  ['root', 200],
] as const)('%s is answered %d', async (who, status) => {
  expect((await desk.get(POLICY, who)).status).toBe(status);
});

describe('what is in force', () => {
  it('is told with its file, its hash, and since when', async () => {
    const { text } = await open();
    expect(text).toContain('In force since Apr 20, 2026, 11:58:00 AM EDT, when the gateway started');
    expect(text).toContain('File /srv/understudy/policy.yaml');
    expect(text).toContain(desk.inForce.value.policy.hash);
    expect(text).toContain('after 30 minutes without activity, after 2 hours in any case');
    expect(text).not.toContain('is not in use');
  });

  it.each([
    ['file', 'because the file changed'],
    ['signal', 'because the gateway was told to (SIGHUP)'],
  ] as const)('says when it was loaded by a %s', async (loadedBy, words) => {
    desk.inForce.value = { ...desk.inForce.value, loadedBy };
    expect((await open()).text).toContain(words);
  });

  it('lists every rule with its effect, routes, conditions and words', async () => {
    const { html, text } = await open();
    for (const { id } of desk.inForce.value.policy.rules) expect(html).toContain(`id="rule-${id}"`);
    expect(text).toContain('change-password Changing the password, line');
    expect(text).toContain('Never sent block PUT /api/password change_password_blocked');
    expect(text).toContain('can_edit_price is true of the actor');
    expect(text).toContain('Waits pause, the customer’s own requests');
  });

  it('says who may act as whom, as whom never, and who reads the record', async () => {
    const { text } = await open();
    expect(text).toContain('market_manager shopper, grower, volunteer their own everyone everything below');
    expect(text).toContain('sales_staff shopper their own only those assigned to them');
    expect(text).toContain('Nobody acts as: market_manager, superuser');
    expect(text).toContain('superuser read the record of every market.');
  });
});

it('A file that could not be used is told with its mistakes, and the old policy stays on the page', async () => {
  desk.inForce.value = {
    ...desk.inForce.value,
    lastFailure: {
      at: Date.parse('2026-04-20T16:05:00Z'),
      report:
        'policy.yaml:12:5 rules[3].efect: unknown key — did you mean "effect"?\npolicy.yaml:14:3: <b>odd</b>',
    },
  };
  const { html, text } = await open();
  expect(text).toContain('The newest version of the file is not in use');
  expect(text).toContain('It was read at Apr 20, 2026, 12:05:00 PM EDT');
  expect(text).toContain('unknown key — did you mean "effect"?');
  expect(html).not.toContain('<b>odd</b>');
  expect(html).toContain('id="rule-change-password"');
});

describe('a request typed in', () => {
  it('is explained: what would happen, by which rule, and what came close', async () => {
    const { status, text } = await open({
      method: 'PUT',
      path: '/API/password/',
      as: 'market_manager',
      for: 'shopper',
    });
    expect(status).toBe(200);
    expect(text).toContain(
      'Never sent. PUT /API/password/: block by rule change-password (PUT /api/password).',
    );
    expect(text).toContain('people read Changing the password');
    const near = await open({ method: 'DELETE', path: '/api/orders' });
    expect(near.text).toMatch(
      /Came close: place-order \(audit POST \/api\/orders ?\): it names POST, and this is a DELETE/,
    );
  });

  it('is decided for the people, the market and the body that were typed', async () => {
    const price = {
      method: 'PUT',
      path: '/api/cart/items/3/price',
      as: 'sales_staff',
      for: 'shopper',
      market: 'valley',
    };
    expect((await open({ ...price, claims: 'can_edit_price', body: '{"price": 350}' })).text).toContain(
      'Sent and recorded. PUT /api/cart/items/3/price: audit by rule edit-price-or-give-away',
    );
    expect((await open({ ...price, claims: 'can_edit_price', body: '{"price": -1}' })).text).toContain(
      'Never sent.',
    );
    expect((await open({ ...price, body: '{"price": 350}' })).text).toContain('Never sent.');
  });

  it('says first whether such a session could be, and last what else the rule does', async () => {
    const order = { method: 'POST', path: '/api/orders' };
    const permitted = await open({ ...order, as: 'market_manager', for: 'shopper' });
    expect(permitted.text).toMatch(/market_manager may act for shopper\. +Sent and recorded\./);
    expect(permitted.text).toContain('captures order_id from ');
    expect((await open({ ...order, as: 'sales_staff', for: 'shopper' })).text).toContain(
      'sales_staff may act for shopper if assigned to them.',
    );
    const refused = await open({ ...order, as: 'market_manager', for: 'superuser' });
    expect(refused.text).toContain(
      'No session. no one may act for superuser (act_as.never). If there were one:',
    );
  });

  it('may be the customer’s own, or in a session that may only look', async () => {
    expect((await open({ method: 'POST', path: '/api/orders', side: 'assisted' })).text).toContain('Waits.');
    expect((await open({ method: 'POST', path: '/api/orders', mode: 'view' })).text).toContain(
      'because the session may only look',
    );
  });

  it('stays in the form', async () => {
    const { html } = await open({ method: 'DELETE', path: '/x"><script>', body: '</textarea><script>' });
    expect(html).toMatch(/<option value="DELETE" selected>/);
    expect(html).not.toContain('<script>');
  });

  it.each([
    [{ path: 'api/password' }, 'A path begins with a slash'],
    [{ path: '/x', headers: 'nonsense' }, 'Write one header a line'],
  ])('is refused as it was typed: %j', async (query, message) => {
    const { status, text } = await open(query);
    expect(status).toBe(422);
    expect(text).toContain(message);
  });

  it('does nothing odd where the address says one thing twice', async () => {
    const answer = await desk.get(`${POLICY}?path=/a&path=/b&method=X&as[]=y`, 'mia');
    expect(answer.status).toBe(200);
  });
});

it('The top bar of every page leads to the log, to the policy and back to the market, and says where this is', async () => {
  const log = await (await desk.get('/admin/impersonation-audit', 'mia')).text();
  const policy = (await open()).html;
  for (const html of [log, policy]) expect(html.match(/class="section"/g)).toHaveLength(3);
  expect(log).toContain('<a class="section" href="/" >Back to the market</a>');
  expect(/<a[^>]*aria-current="page"[^>]*>([^<]*)</.exec(log)?.[1]).toBe('Audit log');
  expect(/<a[^>]*aria-current="page"[^>]*>([^<]*)</.exec(policy)?.[1]).toBe('Policy');
});
