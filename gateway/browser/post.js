/** Sends something to the gateway and gives its answer, or its refusal in words, as a value. */

/**
 * @param {string} url
 * @param {object} body
 * @returns {Promise<{ ok: true, location: string } | { ok: false, code: string | null, fault: string, detail: string,
 *   mayTakeOver: boolean }>}
 *   code null when the gateway could not be reached or did not answer in its own words
 */
export async function post(url, body) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    /** @type {unknown} */
    const answer = await response.json();
    if (response.ok) return { ok: true, location: textOf(answer, 'location') };
    return {
      ok: false,
      code: textOf(answer, 'code') || null,
      fault: textOf(answer, 'fault'),
      mayTakeOver: fieldOf(answer, 'may_take_over') === true,
      detail: textOf(answer, 'detail') || textOf(answer, 'title') || UNREADABLE,
    };
  } catch (error) {
    const lost = error instanceof TypeError;
    return { ok: false, code: null, fault: '', mayTakeOver: false, detail: lost ? UNREACHABLE : UNREADABLE };
  }
}

const UNREACHABLE = 'The site could not be reached. Check your connection and try again.';
const UNREADABLE = 'Something went wrong. Please try again.';

/** @param {unknown} answer @param {string} name @returns {string} empty when it is not there */
function textOf(answer, name) {
  const value = fieldOf(answer, name);
  return typeof value === 'string' ? value : '';
}

/** @param {unknown} answer @param {string} name @returns {unknown} */
function fieldOf(answer, name) {
  if (typeof answer !== 'object' || answer === null) return undefined;
  return Object.entries(answer).find(([key]) => key === name)?.[1];
}
