/** Keeps asking the gateway who is acting for whom; asking never prolongs a session. */
import { listen } from './listeners.js';
import { plainDocument } from './plain-document.js';

/**
 * @typedef {{ name?: string, first_name?: string, may_act: boolean }} Actor
 * @typedef {{ session_id: string, subject: { name: string }, idle_left_ms: number, absolute_left_ms: number,
 *   mode: string, lock?: 'locked' | 'unlocked' | null }} ActingNow
 * @typedef {{ actor_first_name: string, started_at: string | number, idle_expires_at: string | number,
 *   absolute_expires_at: string | number, paused?: boolean }} AssistedNow
 * @typedef {{ session_id: string, words: string, sign_in_again?: boolean }} EndedNow
 * @typedef {{ actor: Actor | null, acting: ActingNow | null, assisted: AssistedNow | null,
 *   ended?: EndedNow | null }} Status
 */

/**
 * Asks at once, at every sign that something may have changed, and every so often while the page can be seen.
 * @param {string} origin
 * @param {number} everyMs
 * @param {(status: Status | null) => void} tell null when there was no answer to be had
 * @returns {() => Promise<void>} asks now
 */
export function watchStatus(origin, everyMs, tell) {
  /** @type {Promise<void> | null} */
  let asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;

  let again = false;

  const ask = () => {
    // An answer under way may be older than what made the caller ask.
    again = asking !== null;
    asking ??= askOnce();
    return asking;
  };
  const askOnce = async () => {
    /** @type {Status | null} */
    let status;
    do {
      again = false;
      status = await read(origin);
    } while (again);
    asking = null;
    clearTimeout(next);
    next = setTimeout(askIfSeen, everyMs);
    tell(status);
  };
  const askIfSeen = () => {
    if (plainDocument.visibilityState === 'visible') void ask();
  };

  listen(document, 'visibilitychange', askIfSeen);
  listen(window, 'focus', askIfSeen);
  listen(window, 'online', askIfSeen);
  void ask();
  return ask;
}

/** @returns {Promise<Status | null>} */
async function read(/** @type {string} */ origin) {
  try {
    const response = await fetch(`${origin}/_act-as/status`, {
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(10_000),
    });
    /** @type {unknown} */
    const answer = await response.json();
    return response.ok && isStatus(answer) ? answer : null;
  } catch {
    return null;
  }
}

/**
 * Our own gateway wrote it; what is looked for is an answer of something else in between.
 * @param {unknown} answer
 * @returns {answer is Status}
 */
function isStatus(answer) {
  return typeof answer === 'object' && answer !== null && 'acting' in answer && 'actor' in answer;
}
