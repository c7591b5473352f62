/** A form for one request, and below it what the policy would make of it, by which rule, and what came close. HTML. */
import { html } from 'ghtml';
import { type Explanation, obligationsOf, type Policy } from '../policy/index.ts';
import { POLICY_PATH } from './address.ts';
import { EFFECT_WORDS } from './policy-rule-table.ts';
import type { Asked, QuestionForm } from './policy-question.ts';
import { shown } from './shown.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Field = keyof QuestionForm;
type Option = readonly [value: string, words: string];

export function explainForm({ form, answer, problem }: Asked, policy: Policy): string {
  const { who, never, markets } = policy.settings;
  const actors = distinct(who.flatMap((grant) => grant.actors));
  const subjects = distinct([...who.flatMap((grant) => grant.subjects), ...never]);
  const choose = (name: Field, label: string, options: readonly Option[]): string =>
    field(
      name,
      label,
      html`<select id="ask-${name}" name="${name}">
        !${options.map(([value, words]) => html`<option value="${value}" !${form[name] === value ? 'selected' : ''}>${words}</option>`)}
      </select>`,
    );
  const write = (name: Field, label: string, hint: string): string =>
    field(
      name,
      label,
      html`<input
        id="ask-${name}"
        name="${name}"
        value="${form[name]}"
        placeholder="${hint}"
        autocomplete="off"
        spellcheck="false"
      />`,
    );
  // Where the form leads, also on a screen that the form alone would fill.
  return html`<section class="card filters" aria-labelledby="ask-title">
    <h2 id="ask-title">Explain a request</h2>
    <form method="get" action="${POLICY_PATH}#ask-answer">
      <div class="fields ask">
        !${choose('method', 'Method', same(METHODS))} !${write('path', 'Path', '/api/password')}
        !${choose('side', 'Sent by', [
          ['acting', 'the actor, acting'],
          ['assisted', 'the customer, meanwhile'],
        ])}
        !${choose('as', 'Actor', same(actors))} !${choose('for', 'Customer', same(subjects))}
        !${markets.size === 0 ? '' : choose('market', 'Market', [['', 'none in particular'], ...[...markets].map(([id, { name }]) => [id, name] as const)])}
        !${choose('mode', 'Session', [
          ['full', 'full'],
          ['view', 'may only look'],
        ])}
        !${write('claims', 'Claims true of the actor', 'can_edit_price')}
        !${area(form, 'headers', 'Headers, one a line', 'content-type: application/json')}
        !${area(form, 'body', 'Body', '{"price": 100}')}
      </div>
      <div class="actions"><button class="button primary" type="submit">Explain</button></div>
    </form>
    !${problem === null ? '' : html`<p class="wrong" id="ask-answer" role="alert">${problem}</p>`}
    !${answer === null ? '' : answered(answer, policy)}
  </section>`;
}

function area(form: QuestionForm, name: Field, label: string, hint: string): string {
  return field(
    name,
    label,
    html`<textarea id="ask-${name}" name="${name}" rows="2" placeholder="${hint}" spellcheck="false">
${form[name]}</textarea>`,
  );
}

function field(name: Field, label: string, control: string): string {
  return html`<div class="field field-${name}">
    <label for="ask-${name}">${label}</label>
    !${control}
  </div>`;
}

function answered({ mayAct, decision, summary, near }: Explanation, policy: Policy): string {
  const effect = decision === null ? 'Refused' : EFFECT_WORDS[decision.effect];
  const rule = policy.rules.find(({ id }) => id === decision?.rule);
  const held = decision === null || ['block', 'pause', 'confirm'].includes(decision.effect);
  const duties = decision === null ? [] : obligationsOf(decision);
  return html`<div class="answer !${held ? 'held' : 'sent'}" id="ask-answer" role="status">
    <p>
      !${mayAct.allowed ? html`!${shown(mayAct.words, 300)}` : html`<strong>No session.</strong> !${shown(mayAct.words, 300)} If there were one:`}
    </p>
    <p><strong>${effect}.</strong> !${shown(summary, 600)}</p>
    !${rule === undefined ? '' : html`<p class="quiet">Rule <a href="#rule-${rule.id}">${rule.id}</a>, line ${rule.line} of the file!${rule.label === null ? '' : html`: people read !${shown(rule.label, 120)}`}</p>`}
    !${decision?.missed?.message === undefined ? '' : html`<p>They are told !${shown(decision.missed.message, 300)}</p>`}
    !${
      duties.length === 0
        ? ''
        : html`<ul class="duties">
            !${duties.map((duty) => html`<li>!${shown(duty, 300)}</li>`)}
          </ul>`
    }
    !${
      near.length === 0
        ? ''
        : html`<p>Came close:</p>
            <ul>
              !${near.map((miss) => html`<li><a href="#rule-${miss.rule.id}">${miss.rule.id}</a> (${miss.rule.effect} <code>!${shown(miss.route, 120)}</code>): !${shown(miss.why, 300)}</li>`)}
            </ul>`
    }
  </div>`;
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

function same(words: readonly string[]): readonly Option[] {
  return words.map((word) => [word, word] as const);
}
