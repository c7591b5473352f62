/** The form by which a reviewer gets from an order to its session. HTML. */
import { html } from 'ghtml';
import { ORDERS_PATH } from './address.ts';

export function orderForm(id = ''): string {
  return html`<form
    class="filters card"
    method="get"
    action="${ORDERS_PATH}"
    aria-label="Find the session of an order"
  >
    <div class="fields">
      <div class="field">
        <label for="order-id">Order number</label>
        <input
          id="order-id"
          name="id"
          type="search"
          value="${id}"
          maxlength="200"
          autocomplete="off"
          spellcheck="false"
          required
        />
      </div>
    </div>
    <div class="actions">
      <button class="button" type="submit">Find its session</button>
    </div>
  </form>`;
}
