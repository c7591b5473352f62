/** Locks the shopper's cart and gives it back without leaving the page; where that fails, as the plain form would. */
import { element } from './element.js';
import { listen } from './listeners.js';
import { post } from './post.js';

/**
 * @param {ShadowRoot} root
 * @param {string} origin
 * @param {(locked: boolean) => void} onChanged
 * @returns {{ set: (locked: boolean) => void, lock: () => void } | null} null where the lock is not the actor's
 */
export function createLock(root, origin, onChanged) {
  const form = root.querySelector('[data-part=lock]');
  const button = form?.querySelector('button');
  if (!(form instanceof HTMLFormElement) || !button) return null;
  let under = false;

  const show = (/** @type {boolean} */ locked) => {
    const wanted = locked ? 'false' : 'true';
    if (button.value === wanted) return;
    button.value = wanted;
    // The name of the shopper stands behind the words.
    button.firstChild?.replaceWith(locked ? 'Unlock cart' : 'Lock cart');
  };

  const set = async (/** @type {boolean} */ locked) => {
    if (under) return;
    under = true;
    const result = await post(`${origin}/_act-as/lock`, { locked });
    under = false;
    if (!result.ok) {
      form.append(element('input', { type: 'hidden', name: 'locked', value: String(locked) }));
      return form.submit();
    }
    show(locked);
    onChanged(locked);
  };

  listen(form, 'submit', (event) => {
    event.preventDefault();
    void set(button.value === 'true');
  });
  return { set: show, lock: () => void set(true) };
}
