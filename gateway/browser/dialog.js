/** Our dialogs: modal, in the top layer, above anything the page itself has opened. */
import { element } from './element.js';
import { listen } from './listeners.js';
import { goHome } from './top-layer.js';

/**
 * @param {ShadowRoot} root
 * @param {{ title: (Node | string)[], body: (Node | string)[], closable?: boolean, className?: string }} content
 * @returns {HTMLDialogElement} open; it leaves the page when it is closed
 */
export function openDialog(root, { title, body, closable = true, className = '' }) {
  const dialog = element(
    'dialog',
    { class: className, 'aria-labelledby': 'dialog-title', closedby: closable ? 'closerequest' : 'none' },
    element('h2', { id: 'dialog-title' }, ...title),
    ...body,
  );
  // For browsers that don't know `closedby`.
  const keepOpen = (/** @type {Event} */ event) => {
    if (!closable && (!(event instanceof KeyboardEvent) || event.key === 'Escape')) event.preventDefault();
  };
  for (const type of ['cancel', 'keydown']) listen(dialog, type, keepOpen);
  listen(dialog, 'close', () => {
    // Some let a second Escape through whatever the listeners above say.
    if (closable || dialog.dataset.lifted) dialog.remove();
    else if (dialog.isConnected) dialog.showModal();
  });
  // Not in a dialog of the page, which may be hidden or closed while ours is open.
  goHome(root.host);
  root.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A button of a dialog. */
export function action(
  /** @type {(Node | string)[]} */ label,
  /** @type {() => void} */ onclick,
  kind = 'plain',
) {
  return element('button', { type: 'button', class: kind, onclick }, ...label);
}
