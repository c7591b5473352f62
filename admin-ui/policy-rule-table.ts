/** Every rule as a row, strictest effects in red, in the order of the file. HTML. */
import { html } from 'ghtml';
import type { Effect, Policy, RuleSummary } from '../policy/index.ts';
import { shown } from './shown.ts';

/** A page stays readable; the file itself holds all of them. */
const MOST = 1000;

export const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  block: 'Never sent',
  confirm: 'Asked first',
  audit: 'Sent and recorded',
  allow: 'Sent',
  pause: 'Waits',
};

export function ruleTable({ rules }: Policy): string {
  const visible = rules.slice(0, MOST);
  const more = rules.length > MOST ? html`, the first ${MOST} are shown` : '';
  return html`<div class="card trace rules">
    <h2 id="rules-title">Rules <span class="quiet">${rules.length}!${more}</span></h2>
    <p class="quiet">
      The strictest that fits a request decides, never the first. Rules that hold back match every spelling of
      a path, rules that permit match it letter by letter.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Rules">
      <table>
        <thead>
          <tr>
            !${['Rule', 'Effect', 'Requests', 'Only if', 'On the record as'].map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          !${visible.map(row)}
        </tbody>
      </table>
    </div>
  </div>`;
}

function row(rule: RuleSummary): string {
  const { id, effect, label, on, conditions, action, line } = rule;
  return html`<tr id="rule-${id}" class="effect-${effect}">
    <th scope="row">
      <code>${id}</code>
      <span class="quiet">!${label === null ? '' : html`!${shown(label, 120)}, `}line ${line}</span>
    </th>
    <td>
      ${EFFECT_WORDS[effect]}
      <span class="quiet">${effect}${rule.while === 'assisted' ? ', the customer’s own requests' : ''}</span>
    </td>
    <td>!${on.map((route) => html`<code>!${shown(route, 160)}</code>`)}</td>
    <td>!${conditions.map((condition) => html`<span>!${shown(condition, 200)}</span>`)}</td>
    <td>!${action === null ? '' : html`<code>${action}</code>`}</td>
  </tr>`;
}
