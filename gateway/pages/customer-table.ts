/** Customers as a table, each with a menu of what can be done for them, or why nothing can. HTML. */
import { html } from 'ghtml';
import { ACT_REFUSALS } from '../refusal.ts';
import type { FoundCustomer } from '../routes/find-customers.ts';
import { instant, type MarketFacts } from './order-table.ts';

type Look = {
  readonly proof: string;
  readonly reason: { readonly maxLength: number; readonly required: boolean };
  readonly market: (id: string | null) => MarketFacts;
};

const STATUS = { active: 'Active', inactive: 'Inactive', blocked: 'Blocked' } as const;
const COLUMNS = ['Customer', 'Customer ID', 'Market', 'Status', 'Assigned to', 'Actions'];

export function customerTable(customers: readonly FoundCustomer[], look: Look): string {
  return html`<table role="table">
    <caption class="unseen">
      Customers found
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        !${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      !${customers.map((customer, index) => row(customer, index, look))}
    </tbody>
  </table>`;
}

function row(customer: FoundCustomer, index: number, look: Look): string {
  const { person, status, assignedTo } = customer;
  const external = person.claims['external_id'];
  const other =
    typeof external === 'string' && external !== ''
      ? html`<br /><span class="small">External ID ${external}</span>`
      : '';
  return html`<tr role="row" data-customer="${person.id}">
    <th role="rowheader" scope="row" data-label="Customer">
      <bdi>${person.name}</bdi><br /><span class="small">${person.email}</span>
    </th>
    <td role="cell" data-label="Customer ID"><code>${person.id}</code>!${other}</td>
    <td role="cell" data-label="Market">${look.market(person.market).name}</td>
    <td role="cell" data-label="Status"><span class="status is-${status}">${STATUS[status]}</span></td>
    <td role="cell" data-label="Assigned to">
      !${assignedTo === null ? html`<span class="small">Nobody</span>` : html`<bdi>${assignedTo}</bdi>`}
    </td>
    <td role="cell" data-label="Actions">!${actions(customer, index, look)}</td>
  </tr>`;
}

function actions({ person, permission, taken }: FoundCustomer, index: number, look: Look): string {
  if (!permission.allowed) return html`<p class="small why">${ACT_REFUSALS[permission.reason]}</p>`;
  const mode = permission.mode === 'view' ? html`<p class="small">You can look, and change nothing.</p>` : '';
  const holder =
    taken === null ? '' : html`<p class="taken">!${seat(taken, look.market(person.market).timezone)}</p>`;
  if (taken !== null && !taken.own && !taken.mayTakeOver)
    return html`!${holder}
      <p class="small">You cannot take it over. Ask them to step out.</p>`;
  const takes = taken !== null && !taken.own;
  const label = takes ? 'Take over' : 'Access customer’s account';
  const { maxLength, required } = look.reason;
  return html`!${holder}
    <details class="menu">
      <summary>
        Actions<span class="unseen"> for <bdi>${person.name}</bdi></span>
      </summary>
      <form method="post" action="/_act-as/sessions">
        <input type="hidden" name="subject" value="${person.id}" />
        <input type="hidden" name="return_to" value="/_act-as/" />
        <input type="hidden" name="proof" value="${look.proof}" />
        <input type="hidden" name="takeover" value="${takes ? 'true' : 'own'}" />
        <label for="reason-${index}">${required ? 'Reason' : 'Reason (optional)'}</label>
        <input
          id="reason-${index}"
          name="reason"
          maxlength="${maxLength}"
          autocomplete="off"
          !${required ? 'required' : ''}
        />
        !${mode}
        <button class="first">
          ${label}<span class="unseen">
            !${takes ? html`from <bdi>${taken.session.actor.name}</bdi>` : html`of <bdi>${person.name}</bdi>`}</span
          >
        </button>
      </form>
    </details>`;
}

function seat({ session, own }: NonNullable<FoundCustomer['taken']>, timezone: string): string {
  const since = instant(session.startedAt, timezone);
  const lock = session.pause === 'on_lock' && session.locked ? ' The cart is locked.' : '';
  if (own) return html`You are in this seat already, perhaps in another browser, since !${since}.${lock}`;
  return html`<bdi>${session.actor.name}</bdi> is in this seat since !${since}.${lock}`;
}
