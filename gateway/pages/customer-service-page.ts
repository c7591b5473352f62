/** The Customer Service page: find a customer, see whether and why not they can be helped, take their seat, and one's own orders. */
import { html } from 'ghtml';
import type { PlacedOrder } from '../record/placed-orders.ts';
import { customerTable } from './customer-table.ts';
import { orderTable, type MarketFacts } from './order-table.ts';
import { ownPage } from './own-page.ts';
import type { FoundCustomers } from '../routes/find-customers.ts';

export type CustomerServiceView = {
  readonly person: string;
  /** Stands in each form by which a seat is taken. */
  readonly proof: string;
  readonly reviews: boolean;
  readonly q: string;
  /** Null while nothing was searched for. */
  readonly found: FoundCustomers | null;
  readonly reason: { readonly maxLength: number; readonly required: boolean };
  /** Null where the record could not be read. */
  readonly orders: readonly PlacedOrder[] | null;
  readonly market: (id: string | null) => MarketFacts;
};

export function customerServicePage(view: CustomerServiceView): string {
  const body = html`<h1>Customer Service</h1>
    <section class="card wide" aria-labelledby="find-title">
      <h2 id="find-title">Find customer</h2>
      <form method="get" action="/_act-as/" role="search" class="find">
        <label for="q">Name, e-mail address, customer ID or external ID</label>
        <div class="row">
          <input
            id="q"
            name="q"
            type="search"
            value="${view.q}"
            maxlength="200"
            autocomplete="off"
            spellcheck="false"
            !${view.found === null ? 'autofocus' : ''}
          />
          <button class="first">Search</button>
        </div>
      </form>
      !${view.found === null ? '' : results(view.found, view)}
    </section>
    <section class="card wide" aria-labelledby="orders-title">
      <h2 id="orders-title">My orders</h2>
      <p class="small">Orders that you placed while acting for a customer, the newest first.</p>
      !${view.orders === null ? html`<p class="wrong">The record cannot be read at the moment, so your orders cannot be shown.</p>` : orderTable(view.orders, view)}
    </section>`;
  return ownPage({
    title: 'Customer Service',
    person: view.person,
    links: [
      ['Back to the market', '/'],
      ['Customer Service', '/_act-as/'],
      ...(view.reviews ? ([['Audit log', '/admin/impersonation-audit']] as const) : []),
    ],
    body,
  });
}

function results(found: FoundCustomers, view: CustomerServiceView): string {
  const { customers, more } = found;
  if (customers.length === 0)
    return html`<p class="none" role="status">
      No customer of yours matches “<bdi>${view.q}</bdi>”. Try a part of the name or of the e-mail address.
    </p>`;
  const count = customers.length === 1 ? '1 customer' : `${customers.length} customers`;
  return html`<p class="count" role="status">
      ${more ? `The first ${count}. There are more: add to your search to narrow it.` : `${count} found.`}
    </p>
    !${customerTable(customers, view)}`;
}
