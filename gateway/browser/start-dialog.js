/** The dialog in which an act-as session begins: whom, why, and what it means. */
import { element, nameOf } from './element.js';
import { action, openDialog } from './dialog.js';
import { listen } from './listeners.js';
import { post } from './post.js';

/**
 * @param {ShadowRoot} root
 * @param {string} origin
 * @param {import('./frame.js').Buttons} config
 * @param {() => void} onStarted called before the page is left
 * @returns {(subject: { id: string, name: string }) => void}
 */
export function createStartDialog(root, origin, config, onStarted) {
  return (subject) => {
    const name = () => (subject.name === '' ? 'this person' : nameOf(subject.name));
    const reason = element('textarea', {
      id: 'reason',
      rows: '2',
      maxlength: String(config.reasonMaxLength),
      required: config.reasonRequired,
      'aria-describedby': 'reason-hint',
      autofocus: true,
    });
    const count = element('span', { class: 'count' });
    const problem = element('p', { class: 'problem', role: 'alert' });
    const start = element('button', { type: 'submit', class: 'main' }, 'Start acting');
    const tellLength = () => count.replaceChildren(`${reason.value.length} / ${config.reasonMaxLength}`);
    listen(reason, 'input', tellLength);
    tellLength();

    const form = element(
      'form',
      { method: 'dialog' },
      element(
        'p',
        {},
        'You will see the market as ',
        name(),
        ' does. Everything you do is recorded as yours, and ',
        name(),
        ' can see that you are helping.',
      ),
      element('label', { for: 'reason' }, config.reasonRequired ? 'Reason' : 'Reason (optional)'),
      reason,
      element(
        'p',
        { class: 'hint', id: 'reason-hint' },
        count,
        'For your own records and the audit log. Something short like “phone order, Tuesday pickup”.',
      ),
      element(
        'p',
        { class: 'limits' },
        `It ends by itself after ${spell(config.idleTimeoutMs)} without activity, and after ${spell(config.absoluteTimeoutMs)} at the latest.`,
      ),
      problem,
      element(
        'div',
        { class: 'choices across' },
        action(['Cancel'], () => dialog.close()),
        start,
      ),
    );

    let under = false;
    const submit = async (takeover = false) => {
      if (under) return;
      under = true;
      start.setAttribute('aria-disabled', 'true');
      start.replaceChildren('Starting…');
      problem.replaceChildren();
      const result = await post(`${origin}/_act-as/sessions`, {
        subject: subject.id,
        reason: reason.value.trim(),
        return_to: location.pathname + location.search,
        ...(takeover ? { takeover } : {}),
      });
      if (result.ok) {
        onStarted();
        // Not from the page's base address, which a `<base>` in it sets.
        location.assign(new URL(result.location, origin).href);
        return;
      }
      under = false;
      start.removeAttribute('aria-disabled');
      start.replaceChildren('Start acting');
      problem.replaceChildren(result.detail);
      // Their own session in another browser, perhaps one that is lost, must not lock them out.
      const own = result.fault === 'actor';
      if (result.code === 'seat_taken' && (own || result.mayTakeOver)) {
        problem.append(
          ' ',
          action([own ? 'End that session and start here' : 'Take the seat over'], () => void submit(true)),
        );
      }
    };
    listen(form, 'submit', (event) => {
      event.preventDefault();
      void submit();
    });
    const dialog = openDialog(root, { title: ['Act as ', name()], body: [form] });
  };
}

/** `30 minutes`, `2 hours`, `1 hour 30 minutes`. */
export function spell(/** @type {number} */ ms) {
  const minutes = Math.round(ms / 60_000);
  const parts = [
    [Math.floor(minutes / 60), 'hour'],
    [minutes % 60, 'minute'],
  ];
  return parts
    .filter(([number]) => number !== 0)
    .map(([number, unit]) => `${number} ${unit}${number === 1 ? '' : 's'}`)
    .join(' ');
}
