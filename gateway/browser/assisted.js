/** The shopper's notice: times in the reader's own zone, gone when the session is over, back when another begins. */
import { nameOf } from './element.js';

/**
 * @param {ShadowRoot} root
 * @param {(kind: 'alert' | 'status', ...text: (Node | string)[]) => void} toast
 * @returns {(now: import('./status.js').AssistedNow | null) => void}
 */
export function keepAssistedNotice(root, toast) {
  const notice = root.querySelector('[data-part=assisted]');
  if (!(notice instanceof HTMLElement)) return () => {};
  const part = (/** @type {string} */ name) => notice.querySelector(`[data-part=${name}]`);
  for (const time of notice.querySelectorAll('time')) writeTime(time, time.dateTime);

  return (now) => {
    const helper = part('helper');
    if (now === null) {
      if (notice.hidden) return;
      notice.hidden = true;
      toast(
        'status',
        nameOf(helper?.textContent ?? ''),
        ' has stepped out. Your cart and checkout are yours again.',
      );
      return;
    }
    notice.hidden = false;
    for (const [name, hidden] of /** @type {const} */ ([
      ['paused', now.paused === false],
      ['open', now.paused !== false],
    ])) {
      const words = part(name);
      if (words instanceof HTMLElement) words.hidden = hidden;
    }
    if (helper && helper.textContent !== now.actor_first_name) helper.textContent = now.actor_first_name;
    writeTime(part('started'), now.started_at);
    writeTime(part('idle'), now.idle_expires_at);
    writeTime(part('latest'), now.absolute_expires_at);
  };
}

/** @param {Element | null} time @param {string | number} value ISO 8601 or milliseconds since the epoch */
function writeTime(time, value) {
  const date = new Date(value);
  if (!(time instanceof HTMLTimeElement) || Number.isNaN(date.getTime())) return;
  time.dateTime = date.toISOString();
  const text = clockTime(date);
  if (time.textContent !== text) time.textContent = text;
}

/** `2:15 PM`, or as the reader's own browser writes it. */
export function clockTime(/** @type {Date} */ date) {
  return new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }).format(date);
}
