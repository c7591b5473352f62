/** Told to a reviewer who looks for an order that was not placed in any session they may see. HTML. */
import { html } from 'ghtml';
import type { Person } from '../policy/index.ts';
import { AUDIT_PATH } from './address.ts';
import { page } from './layout.ts';
import { orderForm } from './order-form.ts';
import { sectionsAt } from './sections.ts';
import { shown } from './shown.ts';

export function orderMissingPage(person: Person, id: string): string {
  const body = html`<nav class="crumbs" aria-label="Where you are">
      <a href="${AUDIT_PATH}">Audit log</a> <span aria-hidden="true">/</span> Order
    </nav>
    <div class="heading"><h1>No such order</h1></div>
    <section class="card empty">
      <p>
        !${id === '' ? 'Type the id of an order.' : html`No session on the record placed an order “!${shown(id, 60)}”. Orders that customers place themselves are not in this log.`}
      </p>
    </section>
    !${orderForm(id)}`;
  return page({ title: 'No such order', person, sections: sectionsAt('log'), body });
}
