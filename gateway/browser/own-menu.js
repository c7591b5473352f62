/** The menu behind one's own name: closes when one looks elsewhere, and asks before a session is left for the next customer. */
import { element, nameOf } from './element.js';
import { action, openDialog } from './dialog.js';
import { listen } from './listeners.js';

/**
 * @param {ShadowRoot} root
 * @param {{ subject: string, atEnd: string, stop: (signOut: boolean, to?: string) => Promise<void> }} page
 */
export function createOwnMenu(root, { subject, atEnd, stop }) {
  const menu = root.querySelector('[data-part=self]');
  if (!(menu instanceof HTMLDetailsElement)) return;
  const close = () => {
    menu.open = false;
  };
  listen(menu, 'keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    close();
    menu.querySelector('summary')?.focus();
  });
  listen(window, 'pointerdown', (event) => {
    if (!event.composedPath().includes(menu)) close();
  });
  listen(menu, 'focusout', (event) => {
    const to = event.relatedTarget;
    if (to instanceof Node && !menu.contains(to)) close();
  });

  const signOut = menu.querySelector('[data-part=sign-out]');
  if (signOut)
    listen(signOut, 'submit', (event) => {
      event.preventDefault();
      void stop(true);
    });

  const onwards = menu.querySelector('[data-part=customer-service]');
  if (onwards)
    listen(onwards, 'submit', (event) => {
      event.preventDefault();
      close();
      const dialog = openDialog(root, {
        title: ['End your session as ', nameOf(subject), '?'],
        body: [
          element(
            'p',
            {},
            `On the Customer Service page you are yourself, ready for the next customer. ${atEnd}`.trim(),
          ),
          element(
            'div',
            { class: 'choices' },
            action(['End it and go to Customer Service'], () => void stop(false, 'customer_service'), 'main'),
            action(['Stay as ', nameOf(subject)], () => dialog.close()),
          ),
        ],
      });
    });
}
