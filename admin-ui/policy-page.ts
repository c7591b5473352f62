/** The policy in force: since when and by what, who may act as whom, what a request would meet, and every rule. HTML. */
import { html } from 'ghtml';
import { AUDIT_PATH } from './address.ts';
import type { PolicyInForce } from './deps.ts';
import { page } from './layout.ts';
import { dayAndTime, duration, timeTag } from './moment.ts';
import { explainForm } from './policy-explain-form.ts';
import type { Asked } from './policy-question.ts';
import { ruleTable } from './policy-rule-table.ts';
import type { Scope } from './scope.ts';
import { sectionsAt } from './sections.ts';
import { plain, shown } from './shown.ts';
import type { Zone } from './zone.ts';

export type PolicyPageView = {
  readonly scope: Scope;
  readonly inForce: PolicyInForce;
  readonly asked: Asked;
  readonly zone: Zone;
};

const LOADED_BY: Readonly<Record<PolicyInForce['loadedBy'], string>> = {
  start: 'when the gateway started',
  file: 'because the file changed',
  signal: 'because the gateway was told to (SIGHUP)',
};

export function policyPage({ scope, inForce, asked, zone }: PolicyPageView): string {
  const { policy } = inForce;
  const body = html`<nav class="crumbs" aria-label="Where you are">
      <a href="${AUDIT_PATH}">Audit log</a> <span aria-hidden="true">/</span> Policy
    </nav>
    <div class="heading">
      <h1>Policy <span class="quiet">in force</span></h1>
      <p>
        What may happen while someone acts as a customer. Times are
        ${zone.name === 'UTC' ? 'in UTC' : zone.words}.
      </p>
    </div>
    !${inForce.lastFailure === null ? '' : failure(inForce.lastFailure, zone.name)}
    !${summary(inForce, zone.name)} !${explainForm(asked, policy)} !${ruleTable(policy)} !${people(inForce)}`;
  return page({ title: 'Policy in force', person: scope.person, sections: sectionsAt('policy'), body });
}

function failure({ at, report }: NonNullable<PolicyInForce['lastFailure']>, zone: string): string {
  const lines = report.split('\n').filter((each) => each.trim() !== '');
  return html`<section class="card refused" aria-labelledby="refused-title" role="status">
    <h2 id="refused-title">The newest version of the file is not in use</h2>
    <p>
      It was read at !${timeTag(at, dayAndTime(at, zone))} and could not be used. The policy below stays in
      force until the file is right.
    </p>
    <ul>
      !${lines.slice(0, 50).map((each) => html`<li>!${shown(each, 400)}</li>`)}
    </ul>
    !${lines.length > 50 ? html`<p class="quiet">and ${lines.length - 50} more</p>` : ''}
  </section>`;
}

function summary({ policy, file, loadedAt, loadedBy }: PolicyInForce, zone: string): string {
  const { otherwise, idleTimeoutMs, absoluteTimeoutMs, reason, landOn, pause } = policy.settings;
  return html`<section class="card summary" aria-label="Summary">
    <dl>
      !${line('In force since', html`!${timeTag(loadedAt, dayAndTime(loadedAt, zone))}, ${LOADED_BY[loadedBy]}`)}
      !${line('File', html`<code>!${shown(file, 120)}</code>`)}
      !${line('Its SHA-256', html`<code class="hash">${policy.hash}</code>`)}
      !${line('What no rule names', html`reads: ${otherwise.reads}, writes: ${otherwise.writes}`)}
      !${line('The customer pauses', pause === 'at_start' ? 'with the session' : 'once the cart is locked')}
      !${line('A session ends', html`after ${duration(idleTimeoutMs)} without activity, after ${duration(absoluteTimeoutMs)} in any case`)}
      !${line('It begins', html`on <code>!${shown(landOn, 60)}</code>, with a reason of at most ${reason.maxLength} characters${reason.required ? '' : ', or none'}`)}
    </dl>
  </section>`;
}

function people({ policy }: PolicyInForce): string {
  const { who, never, reviewers } = policy.settings;
  const row = (grant: Grant): string => {
    const { actors, subjects, market, assigned, mode, claim } = grant;
    return html`<tr>
      <th scope="row">
        !${roles(actors)}!${claim === undefined ? '' : html`, of whom the app says !${roles([claim].flat())}`}
      </th>
      <td>!${roles(subjects)}</td>
      <td>${market === 'same' ? 'their own' : 'any'}</td>
      <td>${assigned ? 'only those assigned to them' : 'everyone'}</td>
      <td>${mode === 'full' ? 'everything below' : 'only look'}</td>
      <td>${termsOf(grant).join('; ') || 'those above'}</td>
    </tr>`;
  };
  return html`<div class="card trace">
    <h2 id="people-title">Who may act as whom</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Who may act as whom">
      <table>
        <thead>
          <tr>
            !${['Who acts', 'As whom', 'In which market', 'For whom there', 'May', 'On terms of their own'].map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          !${who.map(row)}
        </tbody>
      </table>
    </div>
    !${never.length === 0 ? '' : html`<p>Nobody acts as: !${roles(never)}, whatever else they also are.</p>`}
    !${reviewers.map((each) => html`<p>!${roles(each.roles)} read the record of ${each.see === 'own_market' ? 'their own market' : 'every market'}.</p>`)}
  </div>`;
}

type Grant = PolicyInForce['policy']['settings']['who'][number];

function termsOf(grant: Grant): readonly string[] {
  const { idle_timeout: idle, absolute_timeout: longest, land_on: landOn, pause, take_over: takes } = grant;
  return [
    ...(takes ? ['may take over a colleague’s seat'] : []),
    ...(idle === undefined ? [] : [`ends after ${duration(idle)} without activity`]),
    ...(longest === undefined ? [] : [`ends after ${duration(longest)} in any case`]),
    ...(landOn === undefined ? [] : [`begins on ${plain(landOn)}`]),
    ...(pause === undefined ? [] : [PAUSES[pause]]),
  ];
}

const PAUSES = {
  at_start: 'the customer pauses from the beginning',
  on_lock: 'the customer pauses once the cart is locked',
} as const;

function line(name: string, value: string): string {
  return html`<div>
    <dt>${name}</dt>
    <dd>!${value}</dd>
  </div>`;
}

function roles(names: readonly string[]): string {
  return names.map((name) => shown(name, 60)).join(', ');
}
