/** Ends the session: by a request whose answer says where to go, or, if that fails, as a plain form would. */
import { element } from './element.js';
import { listen } from './listeners.js';
import { post } from './post.js';

/**
 * @param {ShadowRoot} root
 * @param {{ origin: string, session: string, returnTo: string, announce: (news: import('./tabs.js').News) => void }} page
 */
export function createStop(root, { origin, session, returnTo, announce }) {
  const url = `${origin}/_act-as/stop`;
  let under = false;

  /** @param {boolean} signOut @param {string} to */
  const submitPlainly = (signOut, to) => {
    const form = element('form', { method: 'post', action: url, target: '_self', hidden: true });
    if (signOut) form.append(element('input', { type: 'hidden', name: 'sign_out', value: 'true' }));
    if (to !== '') form.append(element('input', { type: 'hidden', name: 'to', value: to }));
    root.append(form);
    form.submit();
  };

  /** @param {boolean} signOut whether to leave the market altogether @param {string} [to] where, if not back */
  const stop = async (signOut, to = '') => {
    if (under) return;
    under = true;
    const result = await post(url, {
      ...(signOut ? { sign_out: true } : {}),
      ...(to === '' ? {} : { to }),
    });
    const over = result.ok || result.code === 'no_session' || result.code === 'session_ended';
    if (!over) return submitPlainly(signOut, to);
    announce({ type: 'ended', session });
    // Not from the page's base address, which a `<base>` in it sets.
    location.assign(new URL((result.ok && result.location) || returnTo, origin).href);
  };

  for (const form of root.querySelectorAll('[data-part=stop]')) {
    listen(form, 'submit', (event) => {
      event.preventDefault();
      void stop(false);
    });
  }
  return stop;
}
