/** The form that holds every filter; it works by its address alone and says beside a field what is wrong with it. HTML. */
import { html } from 'ghtml';
import { EVENT_NAMES, OUTCOMES } from '../audit-store/index.ts';
import { AUDIT_PATH, auditAddress, EMPTY_FORM, type FilterField, type FilterForm } from './address.ts';
import type { Markets } from './deps.ts';
import type { Problem } from './filters.ts';
import { dayOf, isDay } from './moment.ts';
import type { Scope } from './scope.ts';
import { EVENT_WORDS, OUTCOME_WORDS } from './words.ts';
import type { Zone } from './zone.ts';

export type FilterFormView = {
  readonly form: FilterForm;
  readonly problems: readonly Problem[];
  readonly scope: Scope;
  readonly markets: Markets;
  readonly zone: Zone;
  readonly now: number;
};

export function filterForm(view: FilterFormView): string {
  const { form, problems, scope, markets } = view;
  const events = EVENT_NAMES.map((name) => [name, EVENT_WORDS[name]] as const);
  const outcomes = OUTCOMES.map((name) => [name, OUTCOME_WORDS[name]] as const);
  const field = (name: FilterField, label: string, control: (attributes: string) => string): string =>
    labelled(name, label, { control, problems });
  const text = (name: FilterField, label: string): string =>
    field(
      name,
      label,
      (attributes) =>
        html`<input
          type="search"
          autocomplete="off"
          spellcheck="false"
          value="${form[name]}"
          placeholder="Part of either"
          !${attributes}
        />`,
    );
  return html`<form
    class="filters card"
    method="get"
    action="${AUDIT_PATH}"
    role="search"
    aria-label="Filter the audit log"
  >
    <div class="fields !${scope.kind === 'every_market' ? 'with-market' : ''}">
      !${field('from', 'From', (attributes) => dateControl(attributes, form.from))}
      !${field('to', 'To', (attributes) => dateControl(attributes, form.to))}
      !${field('event', 'Event type', (attributes) => select(attributes, form.event, 'Any event', events))}
      !${field('outcome', 'Outcome', (attributes) => select(attributes, form.outcome, 'Any outcome', outcomes))}
      !${text('manager', 'Manager name or email')} !${text('customer', 'Shopper name or email')}
      !${scope.kind === 'every_market' ? field('market', 'Market', (attributes) => marketControl(attributes, form.market, markets)) : ''}
    </div>
    <div class="actions">
      <button class="button primary" type="submit">Apply filters</button>
      <a class="button" href="${AUDIT_PATH}">Clear</a>
      <span class="presets"><span class="quiet">Quick looks:</span> !${presets(view)}</span>
    </div>
  </form>`;
}

function labelled(
  name: FilterField,
  label: string,
  { control, problems }: { control: (attributes: string) => string; problems: readonly Problem[] },
): string {
  const wrong = problems.filter((problem) => problem.field === name);
  const described = wrong.length > 0 ? html` aria-invalid="true" aria-describedby="wrong-${name}"` : '';
  return html`<div class="field field-${name}">
    <label for="filter-${name}">${label}</label>
    !${control(html`id="filter-${name}" name="${name}"!${described}`)}
    !${wrong.length > 0 ? html`<p class="wrong" id="wrong-${name}">${wrong.map((problem) => problem.message).join(' ')}</p>` : ''}
  </div>`;
}

/** A date field cannot hold a day that does not exist; the message beside it quotes what was asked for. */
function dateControl(attributes: string, day: string): string {
  return html`<input type="date" value="${isDay(day) ? day : ''}" !${attributes} />`;
}

function select(
  attributes: string,
  chosen: string,
  any: string,
  options: readonly (readonly [value: string, label: string])[],
): string {
  const option = ([value, label]: readonly [string, string]): string =>
    html`<option value="${value}" !${value === chosen ? 'selected' : ''}>${label}</option>`;
  return html`<select !${attributes}>
    <option value="">${any}</option>
    !${options.map(option)}
  </select>`;
}

function marketControl(attributes: string, chosen: string, markets: Markets): string {
  if (markets.size === 0)
    return html`<input type="text" value="${chosen}" placeholder="Market id" !${attributes} />`;
  const options = [...markets].map(([id, market]) => [id, market.name] as const);
  return select(attributes, chosen, 'Every market', options);
}

function presets({ form, zone, now }: FilterFormView): string {
  const today = dayOf(now, zone.name);
  const days = (from: number, to: number): FilterForm => ({
    ...form,
    from: earlier(today, from),
    to: earlier(today, to),
  });
  const looks: readonly (readonly [string, FilterForm])[] = [
    ['Today', days(0, 0)],
    ['Yesterday', days(1, 1)],
    ['Last 7 days', days(6, 0)],
    ['Blocked attempts', { ...EMPTY_FORM, market: form.market, event: 'blocked' }],
  ];
  return html`!${looks.map(([label, look]) => html`<a href="${auditAddress('', look)}">${label}</a> `)}`;
}

/** Calendar arithmetic on the day itself; no clock change can shift it. */
function earlier(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - days);
  return date.toISOString().slice(0, 10);
}
