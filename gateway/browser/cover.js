/** Hides the whole page the moment it is no longer the page of the session that is under way. */
import { element, nameOf } from './element.js';
import { action, openDialog } from './dialog.js';
import { plainDocument } from './plain-document.js';

/**
 * @typedef {'checking' | 'unknown' | 'ended' | 'acting'} Cause
 * @typedef {{ subject: string | null, atEnd: string, leave: () => void, retry: () => void }} Page subject null on a
 *   page that is the reader's own; atEnd what becomes of the cart
 */

/**
 * @param {ShadowRoot} root
 * @param {Page} page
 */
export function createCover(root, page) {
  /** @type {HTMLDialogElement | null} */
  let dialog = null;
  /** @type {Cause | null} */
  let shown = null;
  /** @type {(() => void) | null} */
  let showPage = null;

  const lift = () => {
    if (!dialog) return;
    dialog.dataset.lifted = 'yes';
    dialog.close();
    dialog = null;
    shown = null;
    showPage?.();
  };

  return {
    shown: () => shown,
    lift,
    /** For a body that came later. */
    hideAgain() {
      if (shown) showPage = hidePage(shown);
    },
    /**
     * @param {Cause} cause
     * @param {string} [detail] whom one acts for now, or why it ended
     * @param {boolean} [signInAgain] where there is nobody left to go on as
     */
    show(cause, detail = '', signInAgain = false) {
      if (shown === cause) return;
      lift();
      shown = cause;
      showPage = hidePage(cause);
      dialog = openDialog(root, {
        ...content(cause, page, detail, signInAgain),
        closable: false,
        className: 'cover',
      });
    },
  };
}

/** @param {Cause} cause @param {Page} page @param {string} detail @param {boolean} signInAgain */
function content(cause, { subject, atEnd, leave, retry }, detail, signInAgain) {
  switch (cause) {
    case 'checking':
      return { title: ['Checking your session…'], body: [] };
    case 'unknown':
      return {
        title: ['Your session could not be checked'],
        body: [
          element('p', {}, 'The site did not answer, so this page stays hidden.'),
          action(['Try again'], retry, 'main'),
        ],
      };
    case 'acting':
      return {
        title: ['You are now acting as ', nameOf(detail)],
        body: [
          element(
            'p',
            {},
            'That began in another tab or window. This page is from before and no longer tells whose seat you are in.',
          ),
          action(['Load it as ', nameOf(detail)], () => location.reload(), 'main'),
        ],
      };
    case 'ended':
      return {
        title: ['Your session as ', nameOf(subject ?? ''), ' has ended'],
        body: [
          element('p', {}, 'You are no longer acting for anyone. Nothing more can be done from this page.'),
          ...(detail === '' && atEnd === '' ? [] : [element('p', {}, `${detail} ${atEnd}`.trim())]),
          action([signInAgain ? 'Go to the sign-in page' : 'Continue as yourself'], leave, 'main'),
        ],
      };
  }
}

/**
 * Behind the cover, so that nothing the page opens later comes to stand above it. A page that may come back keeps its
 * layout, and with it where it was scrolled to; one that may not is gone, its own modal dialogs included.
 * @param {Cause} cause
 * @returns {() => void} shows it again
 */
function hidePage(cause) {
  const { body } = plainDocument;
  const [property, value] =
    cause === 'ended' || cause === 'acting' ? ['display', 'none'] : ['visibility', 'hidden'];
  const before = body.style.getPropertyValue(property);
  const priority = body.style.getPropertyPriority(property);
  body.style.setProperty(property, value, 'important');
  return () => body.style.setProperty(property, before, priority);
}
