/** Shows the time a session has left, second by second, and says it aloud only when little is left. */

/** Seconds at which someone who does not see the clock is told. */
const SAID_ALOUD = new Map([
  [300, '5 minutes left'],
  [60, '1 minute left'],
]);

/**
 * @param {ShadowRoot} root
 * @param {{ idleLeftMs: number, absoluteLeftMs: number }} first
 * @param {() => void} onZero called once each time the clock reaches zero
 * @returns {(left: { idleLeftMs: number, absoluteLeftMs: number }) => void} sets the clock anew
 */
export function runCountdown(root, first, onZero) {
  const clock = root.querySelector('[data-part=clock]');
  const words = root.querySelector('[data-part=left]');
  const bar = root.querySelector('[data-part=acting]');
  const announce = root.querySelector('[data-part=announce]');
  let endsAt = 0;
  let said = Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;

  const show = () => {
    clearTimeout(next);
    const left = Math.max(0, endsAt - Date.now());
    const seconds = Math.ceil(left / 1000);
    setText(clock, `${clockText(seconds)} left`);
    // Minutes, so that a screen reader that reads the bar does not hear a number that has changed meanwhile.
    setText(words, seconds < 60 ? 'less than a minute left' : `${Math.ceil(seconds / 60)} min left`);
    bar?.classList.toggle('soon', seconds <= 120);
    for (const [at, text] of SAID_ALOUD) {
      if (seconds <= at && said > at) setText(announce, text);
    }
    said = seconds;
    if (left === 0) onZero();
    else next = setTimeout(show, left % 1000 || 1000);
  };

  const set = (/** @type {{ idleLeftMs: number, absoluteLeftMs: number }} */ left) => {
    endsAt = Date.now() + Math.min(left.idleLeftMs, left.absoluteLeftMs);
    if (endsAt - Date.now() > 300_000) said = Infinity;
    show();
  };

  bar?.classList.add('ticking');
  set(first);
  return set;
}

/** @returns {string} `4:05`, or `1:04:05` from an hour on */
export function clockText(/** @type {number} */ seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Writes only what changed, so that nothing is read out for nothing. */
function setText(/** @type {Element | null} */ part, /** @type {string} */ text) {
  if (part && part.textContent !== text) part.textContent = text;
}

function two(/** @type {number} */ number) {
  return String(number).padStart(2, '0');
}
