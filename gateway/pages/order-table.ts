/** Orders placed while acting, as a table. HTML. */
import { html } from 'ghtml';
import { amountText } from '../../policy/index.ts';
import type { PlacedOrder } from '../record/placed-orders.ts';
import { momentWords } from '../moment-words.ts';

export type MarketFacts = {
  readonly name: string;
  readonly timezone: string;
  readonly currency: string | undefined;
};

type Look = { readonly reviews: boolean; readonly market: (id: string | null) => MarketFacts };

const COLUMNS = ['Order', 'Customer', 'Placed', 'Amounts', 'Session'];

export function orderTable(orders: readonly PlacedOrder[], look: Look): string {
  if (orders.length === 0) return html`<p class="none">You have placed no order for a customer yet.</p>`;
  return html`<table role="table">
    <caption class="unseen">
      Orders placed while acting
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        !${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      !${orders.map((order) => row(order, look))}
    </tbody>
  </table>`;
}

function row(order: PlacedOrder, { reviews, market }: Look): string {
  const { currency, timezone } = market(order.market);
  const amounts = order.amounts.map(
    ([name, cents]) => html`<li>${inWords(name)}: <strong>${amountText(cents, currency)}</strong></li>`,
  );
  const session = reviews
    ? html`<a href="/admin/impersonation-audit/sessions/${encodeURIComponent(order.sessionId)}"
        >Timeline<span class="unseen"> of order ${order.id}</span></a
      >`
    : html`<code class="small">${order.sessionId}</code>`;
  return html`<tr role="row">
    <th role="rowheader" scope="row" data-label="Order"><code>${order.id}</code></th>
    <td role="cell" data-label="Customer"><bdi>${order.customer}</bdi></td>
    <td role="cell" data-label="Placed">!${instant(order.at, timezone)}</td>
    <td role="cell" data-label="Amounts">
      <ul class="plain">
        !${amounts}
      </ul>
    </td>
    <td role="cell" data-label="Session">!${session}</td>
  </tr>`;
}

function inWords(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A `<time>` in the market's own zone. */
export function instant(at: number, timeZone: string): string {
  return html`<time datetime="${new Date(at).toISOString()}">${momentWords(at, timeZone)}</time>`;
}
