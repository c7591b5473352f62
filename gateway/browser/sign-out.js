/** Asks, before someone who is acting signs out, whether they mean to stop acting or to leave altogether. */
import { element, nameOf } from './element.js';
import { action, openDialog } from './dialog.js';
import { listen } from './listeners.js';
import { routeMatcher } from './routes.js';

/**
 * @param {ShadowRoot} root
 * @param {import('./frame.js').Acting} acting
 * @param {string} origin
 * @param {(signOut: boolean) => Promise<void>} stop
 * @returns {() => void} asks
 */
export function guardSignOut(root, acting, origin, stop) {
  const isSignOut = routeMatcher(acting.signOut, origin);
  /** @type {HTMLDialogElement | null} */
  let dialog = null;

  const name = () => nameOf(acting.subjectName);

  const ask = () => {
    if (dialog?.open) return;
    const cancel = action(['Cancel'], () => dialog?.close());
    dialog = openDialog(root, {
      title: ['You are acting as ', name()],
      body: [
        element('p', {}, 'Do you want to stop acting and stay signed in, or to leave the market altogether?'),
        element(
          'div',
          { class: 'choices' },
          action(['Just stop acting as ', name()], () => void stop(false), 'main'),
          action(['Sign out entirely'], () => void stop(true)),
          cancel,
        ),
      ],
    });
  };

  const hold = (/** @type {Event} */ event, /** @type {{ method: string, url: string } | null} */ target) => {
    if (!target || !isSignOut(target.method, target.url)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask();
  };
  // In the capture phase, and on the window: before any listener of the page.
  for (const type of ['click', 'auxclick'])
    listen(window, type, (event) => hold(event, linkOf(event)), { capture: true });
  listen(window, 'submit', (event) => hold(event, formOf(event)), { capture: true });
  return ask;
}

function linkOf(/** @type {Event} */ event) {
  for (const at of event.composedPath()) {
    if (at instanceof HTMLAnchorElement || at instanceof HTMLAreaElement) {
      return at.href === '' ? null : { method: 'GET', url: at.href };
    }
  }
  return null;
}

/** Read from the attributes: a field named `action` would stand in front of the property. */
function formOf(/** @type {SubmitEvent} */ event) {
  const [form] = event.composedPath();
  if (!(form instanceof HTMLFormElement)) return null;
  const { submitter } = event;
  const method = submitter?.getAttribute('formmethod') ?? form.getAttribute('method') ?? 'get';
  const url = submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? location.href;
  return { method: method.toUpperCase(), url };
}
