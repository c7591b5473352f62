/** Says on an open page of the log that there are newer events, without moving anything that is being read. */

const MANY = 100;
const PAUSE_MS = 1000;
const TROUBLE_MS = 10_000;

const place = document.querySelector('[data-newer]');
if (place instanceof HTMLElement) void watch(place, place.dataset['newer'] ?? '');

/**
 * @param {HTMLElement} at
 * @param {string} address
 */
async function watch(at, address) {
  let known = 0;
  while (known < MANY) {
    await seen();
    const newer = await ask(`${address}&known=${known}`);
    if (newer !== null && newer > known) {
      known = newer;
      show(at, known);
    }
    await new Promise((go) => setTimeout(go, newer === null ? TROUBLE_MS : PAUSE_MS));
  }
}

/** Nobody is told anything behind another tab. */
async function seen() {
  while (document.hidden)
    await new Promise((go) => document.addEventListener('visibilitychange', go, { once: true }));
}

/**
 * @param {string} address
 * @returns {Promise<number | null>}
 */
async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { accept: 'application/json' } });
    if (!answer.ok) return null;
    /** @type {unknown} */
    const told = await answer.json();
    const isTold = typeof told === 'object' && told !== null && 'newer' in told;
    return isTold && typeof told.newer === 'number' ? told.newer : null;
  } catch {
    return null;
  }
}

/**
 * @param {HTMLElement} at
 * @param {number} count
 */
function show(at, count) {
  const link = document.createElement('a');
  link.className = 'button';
  link.href = at.dataset['show'] ?? '';
  const many = count < MANY ? `${count}` : `${MANY} or more`;
  link.textContent = `${many} newer ${count === 1 ? 'event' : 'events'} — show ${count === 1 ? 'it' : 'them'}`;
  const focused = at.contains(document.activeElement);
  at.replaceChildren(link);
  if (focused) link.focus();
}
