/** Puts our element above everything the page shows, where no style of the page's root or of a dialog applies to it. */
import { plainDocument } from './plain-document.js';

/** Beside the body rather than in it: no framework renders there, and nothing the page does to its body hides it. */
export function goHome(/** @type {Element} */ host) {
  const { documentElement, body } = plainDocument;
  if (host.parentNode === documentElement) return;
  moveInto(host, documentElement, body?.parentNode === documentElement ? body : null);
}

/**
 * What was open in it is open again, and what had the focus has it again.
 * @param {Element} host
 * @param {Element} parent
 * @param {Element | null} [before]
 */
export function moveInto(host, parent, before = null) {
  const { shadowRoot } = host;
  const focused = shadowRoot?.activeElement;
  parent.insertBefore(host, before);
  raise(host);
  for (const toast of shadowRoot?.querySelectorAll('[popover]') ?? []) raise(toast);
  for (const dialog of shadowRoot?.querySelectorAll('dialog') ?? []) {
    if (!dialog.open || dialog.matches(':modal')) continue;
    dialog.open = false;
    dialog.showModal();
  }
  if (focused instanceof HTMLElement) focused.focus();
}

/** Above whatever came to the top layer since. */
export function raise(/** @type {Element} */ element) {
  if (!(element instanceof HTMLElement) || !element.showPopover || !element.isConnected) return;
  if (element.popover !== 'manual') element.popover = 'manual';
  if (element.matches(':popover-open')) element.hidePopover();
  element.showPopover();
}
