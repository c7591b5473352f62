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

  const submitPlainly = (/** @type {boolean} */ signOut) => {
    const form = element('form', { method: 'post', action: url, target: '_self', hidden: true });
    if (signOut) form.append(element('input', { type: 'hidden', name: 'sign_out', value: 'true' }));
    root.append(form);
    form.submit();
  };

  /** @param {boolean} signOut whether to leave the market altogether */
  const stop = async (signOut) => {
    if (under) return;
    under = true;
    const result = await post(url, signOut ? { sign_out: true } : {});
    const over = result.ok || result.code === 'no_session' || result.code === 'session_ended';
    if (!over) return submitPlainly(signOut);
    announce({ type: 'ended', session });
    location.assign((result.ok && result.location) || returnTo);
  };

  const form = root.querySelector('[data-part=stop]');
  if (form) {
    listen(form, 'submit', (event) => {
      event.preventDefault();
      void stop(false);
    });
  }
  return stop;
}
