/** The reviewers' page: who is acting now, the filters, and the rows of the record that match them. HTML. */
import { html } from 'ghtml';
import { type AuditEvent, type AuditEventName, EVENT_NAMES, OUTCOMES } from '../audit-store/index.ts';
import {
  AUDIT_PATH,
  auditAddress,
  EMPTY_FORM,
  FILTER_FIELDS,
  type FilterField,
  type FilterForm,
} from './address.ts';
import type { Amounts } from './amounts.ts';
import { eventBadge } from './badge.ts';
import type { LiveSession, Markets } from './deps.ts';
import { eventTable } from './event-table.ts';
import { filterForm } from './filter-form.ts';
import type { Problem, ReadFilters } from './filters.ts';
import { assetAddress } from './assets.ts';
import { page } from './layout.ts';
import { livePanel } from './live-panel.ts';
import { orderForm } from './order-form.ts';
import { pager } from './pager.ts';
import type { Scope } from './scope.ts';
import { sectionsAt } from './sections.ts';
import { shown } from './shown.ts';
import { EVENT_MEANING, EVENT_WORDS, OUTCOME_WORDS } from './words.ts';

export type AuditPageView = {
  readonly scope: Scope;
  readonly read: ReadFilters;
  /** Empty when the filters are wrong. */
  readonly found: { readonly events: readonly AuditEvent[]; readonly next: number | null };
  readonly live: readonly LiveSession[] | null;
  readonly markets: Markets;
  readonly amounts: Amounts;
  readonly now: number;
};

export function auditPage(view: AuditPageView): string {
  const { scope, read, live, markets, now } = view;
  const problems = read.ok ? [] : read.problems;
  const own = scope.kind === 'own_market' ? (markets.get(scope.market)?.name ?? scope.market) : null;
  const body = html`<div class="heading">
      <h1>Acting as a customer <span class="quiet">audit log</span></h1>
      <p>!${own === null ? 'Every market' : shown(own, 60)}. Days and times are ${read.zone.words}.</p>
    </div>
    !${livePanel({ sessions: live, zone: read.zone.name, now, withMarket: own === null })}
    !${filterForm({ form: read.form, problems, scope, markets, zone: read.zone, now })}
    !${read.ok ? results(view, read) : mistakes(read.problems, scope)} !${orderForm()}`;
  return page({ title: 'Audit log', person: scope.person, sections: sectionsAt('log'), body });
}

function results(
  { scope, found, markets, amounts }: AuditPageView,
  read: ReadFilters & { ok: true },
): string {
  const { events, next } = found;
  const { form, page: at, zone } = read;
  const count = events.length.toLocaleString('en-US');
  const caption = `${count} ${events.length === 1 ? 'event' : 'events'} on this page, newest first`;
  return html`<section class="results" aria-labelledby="results-title">
    <div class="bar">
      <div>
        <h2 id="results-title">Events</h2>
        !${chips(form, markets)}
      </div>
      <a class="button download" href="${auditAddress('/export.csv', form)}">Download CSV</a>
    </div>
    !${at.beforeSeq === undefined ? newerEvents(form, events[0]?.seq ?? 0) : ''}
    !${
      events.length === 0
        ? nothing(form, at.beforeSeq !== undefined)
        : html`<div class="card table">
            !${eventTable(events, { zone: zone.name, amounts, withMarket: scope.kind === 'every_market', caption })}
          </div>`
    }
    !${pager(read, next)} !${legend()}
  </section>`;
}

/** Filled in by the script, where there is one; says nothing otherwise. */
function newerEvents(form: FilterForm, newest: number): string {
  const asked = auditAddress('/newer.json', form, { after: String(newest) });
  return html`<div
      class="newer"
      role="status"
      data-newer="${asked}"
      data-show="${auditAddress('', form)}"
    ></div>
    <script type="module" src="${assetAddress('newer.js')}"></script>`;
}

function legend(): string {
  return html`<details class="legend">
    <summary>Reading the events</summary>
    <dl>!${EVENT_NAMES.map(meaning)}</dl>
  </details>`;
}

function meaning(event: AuditEventName): string {
  return html`<div>
    <dt>!${eventBadge(event)}</dt>
    <dd>${EVENT_MEANING[event]}</dd>
  </div>`;
}

function nothing(form: FilterForm, isLaterPage: boolean): string {
  if (isLaterPage)
    return html`<div class="card empty">
      <h3>There is nothing older</h3>
      <p>This is the end of the log.</p>
    </div>`;
  if (FILTER_FIELDS.every((field) => form[field] === '')) {
    return html`<div class="card empty">
      <h3>Nothing has happened yet</h3>
      <p>As soon as someone acts for a customer, it is written down here.</p>
    </div>`;
  }
  return html`<div class="card empty">
    <h3>No events match these filters</h3>
    <p>An event must match all of them. <a href="${AUDIT_PATH}">Clear the filters</a> to see everything.</p>
  </div>`;
}

function mistakes(problems: readonly Problem[], scope: Scope): string {
  // Reviewers of one market have no market field a message could stand beside.
  const hidden = scope.kind === 'own_market' ? 'market' : null;
  const elsewhere = problems.filter(({ field }) => field === null || field === hidden);
  return html`<section class="card mistakes" role="alert">
    <h2>These filters could not be used</h2>
    <p>No events are shown until this is put right, so that nothing is left out unnoticed.</p>
    !${
      elsewhere.length > 0
        ? html`<ul>
            !${elsewhere.map((problem) => html`<li>${problem.message}</li>`)}
          </ul>`
        : ''
    }
  </section>`;
}

const CHIP_NAMES: Readonly<Record<FilterField, string>> = {
  from: 'From',
  to: 'To',
  event: 'Event',
  outcome: 'Outcome',
  manager: 'Manager',
  customer: 'Shopper',
  market: 'Market',
};

/** The filters in force, each with a link that takes it away. */
function chips(form: FilterForm, markets: Markets): string {
  const active = FILTER_FIELDS.filter((field) => form[field] !== '');
  if (active.length === 0) return '';
  const chip = (field: FilterField): string =>
    html`<li>
      <a class="chip" href="${auditAddress('', { ...form, [field]: EMPTY_FORM[field] })}"
        ><span class="unseen">Remove the filter </span>${CHIP_NAMES[field]}:
        !${shown(chipValue(field, form[field], markets), 40)} <span aria-hidden="true">×</span></a
      >
    </li>`;
  return html`<ul class="chips" aria-label="Filters in force">
    !${active.map(chip)}
  </ul>`;
}

function chipValue(field: FilterField, value: string, markets: Markets): string {
  const event = EVENT_NAMES.find((name) => field === 'event' && name === value);
  const outcome = OUTCOMES.find((name) => field === 'outcome' && name === value);
  if (event) return EVENT_WORDS[event];
  if (outcome) return OUTCOME_WORDS[outcome];
  return field === 'market' ? (markets.get(value)?.name ?? value) : value;
}
