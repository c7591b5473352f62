/** Our dialogs: modal, in the top layer, above anything the page itself has opened. */
import { element } from './element.js';

/**
 * @param {ShadowRoot} root
 * @param {{ title: (Node | string)[], body: (Node | string)[], closable?: boolean, className?: string }} content
 * @returns {HTMLDialogElement} open; it leaves the page when it is closed
 */
export function openDialog(root, { title, body, closable = true, className = '' }) {
  const dialog = element(
    'dialog',
    { class: className, 'aria-labelledby': 'dialog-title' },
    element('h2', { id: 'dialog-title' }, ...title),
    ...body,
  );
  dialog.addEventListener('cancel', (event) => {
    if (!closable) event.preventDefault();
  });
  dialog.addEventListener('close', () => {
    // Some browsers let a second Escape through whatever the listener above says.
    if (closable || dialog.dataset.lifted) dialog.remove();
    else if (dialog.isConnected) dialog.showModal();
  });
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
