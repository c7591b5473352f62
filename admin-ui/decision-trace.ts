/** Every decision made during a session, reads and pauses too, folded away until somebody asks. HTML. */
import { html } from 'ghtml';
import type { DecisionNote } from '../audit-store/index.ts';
import { timeOfDay, timeTag } from './moment.ts';
import { shown } from './shown.ts';

/**
 * @param decisions the first of them: a page stays readable, the record itself keeps all
 * @param inAll how many there are
 */
export function decisionTrace(decisions: readonly DecisionNote[], inAll: number, zone: string): string {
  if (decisions.length === 0) return '';
  const columns = ['Time', 'Side', 'Request', 'Effect', 'Rule', 'Reason', 'Status'];
  const count = `${inAll.toLocaleString('en-US')} ${inAll === 1 ? 'decision' : 'decisions'}`;
  const left =
    inAll > decisions.length ? `; the first ${decisions.length.toLocaleString('en-US')} are shown` : '';
  return html`<details class="card trace">
    <summary>Decision trace <span class="quiet">${count}${left}</span></summary>
    <p class="quiet">
      What the policy concluded about each single request, page views included. Unlike the events above, the
      last of it may be missing after a crash.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Decision trace">
      <table>
        <caption class="unseen">
          Decisions of this session, oldest first
        </caption>
        <thead>
          <tr>
            !${columns.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          !${decisions.map((note) => row(note, zone))}
        </tbody>
      </table>
    </div>
  </details>`;
}

function row(note: DecisionNote, zone: string): string {
  return html`<tr class="effect-!${/^[a-z]+$/.test(note.effect) ? note.effect : 'other'}">
    <th scope="row">!${timeTag(note.at, timeOfDay(note.at, zone))}</th>
    <td>${note.side}</td>
    <td><code>!${shown(`${note.method} ${note.path}`, 90)}</code></td>
    <td>!${shown(note.effect, 20)}</td>
    <td>!${shown(note.rule, 40)}</td>
    <td>!${shown(note.reason.replaceAll('_', ' '), 40)}</td>
    <td>${note.statusCode ?? ''}</td>
  </tr>`;
}
