/** A sentence at the lower edge of the page that is read out, can be dismissed, and goes away by itself. */
import { action } from './dialog.js';
import { element } from './element.js';

const STAYS_MS = 12_000;

/**
 * @param {ShadowRoot} root
 * @returns {(kind: 'alert' | 'status', ...text: (Node | string)[]) => void} one at a time; what can be pressed in it
 *   takes it away
 */
export function createToast(root) {
  /** @type {HTMLElement | null} */
  let shown = null;
  return (kind, ...text) => {
    shown?.remove();
    const toast = element(
      'div',
      { class: 'toast', role: kind, popover: 'manual' },
      element('p', {}, ...text),
      action(['Dismiss'], () => toast.remove()),
    );
    shown = toast;
    root.append(toast);
    // The top layer: the attempt may have been made from a modal dialog of the page.
    toast.showPopover?.();
    setTimeout(() => toast.remove(), STAYS_MS);
  };
}
