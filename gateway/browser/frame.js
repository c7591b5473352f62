/** The element that holds everything of ours: finds it, reads its configuration, and keeps it in the page. */
import { listen, listenAgain } from './listeners.js';
import { plainDocument } from './plain-document.js';
import { createReach, isUppermost } from './reach.js';
import { makeRoom } from './room.js';
import { goHome } from './top-layer.js';
import { endTransitions } from './transitions.js';

const LOOK_EVERY_MS = 1_000;

/**
 * @typedef {{ host: HTMLElement, root: ShadowRoot, sheet: CSSStyleSheet, config: Config }} Frame
 * @typedef {{ methods: string[], pattern: string }} Route
 * @typedef {{ sessionId: string, subjectName: string, idleLeftMs: number, absoluteLeftMs: number, returnTo: string,
 *   signOut: Route[], lock: 'locked' | 'unlocked' | null, atEnd: string }} Acting
 * @typedef {{ page: string, each: string, idAttribute: string, nameAttribute?: string, into?: string,
 *   position: string }} Place
 * @typedef {{ places: Place[], reasonMaxLength: number, reasonRequired: boolean, idleTimeoutMs: number,
 *   absoluteTimeoutMs: number }} Buttons
 * @typedef {{ origin: string, now: number, acting?: Acting, assisted?: object, buttons?: Buttons }} Config
 */

/** What the user does in our dialogs is no business of the page's shortcuts and click-outside handlers. */
const OURS = [
  'keydown',
  'keyup',
  'keypress',
  'input',
  'click',
  'mousedown',
  'pointerdown',
  'focusin',
  'submit',
];

/** @returns {Frame | null} null where there is none, or where it is already looked after */
export function takeFrame() {
  const host = plainDocument.querySelector('act-as-frame[data-config]');
  if (!(host instanceof HTMLElement) || !host.dataset.config) return null;
  /** @type {unknown} */
  const config = JSON.parse(host.dataset.config);
  if (!isConfig(config)) return null;
  host.removeAttribute('data-config');
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const template = host.querySelector('template');
  if (template) root.append(template.content);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(root.querySelector('style')?.textContent ?? '');
  root.adoptedStyleSheets = [sheet];
  for (const type of OURS) listen(host, type, (event) => event.stopPropagation());
  return { host, root, sheet, config };
}

/**
 * The gateway wrote it, from the types in gateway/decorate/decoration.ts.
 * @param {unknown} value
 * @returns {value is Config}
 */
function isConfig(value) {
  return typeof value === 'object' && value !== null && 'origin' in value;
}

/**
 * Keeps it in the page and in reach, whatever becomes of the page: its body rendered anew, its root replaced, written
 * from the start by `document.write`.
 * @param {Frame} frame
 * @param {() => void} onNewBody
 */
export function keepFrame({ host, root, sheet }, onNewBody) {
  const room = makeRoom(host, root);
  const reach = createReach(host, root);
  const size = new CSSStyleSheet();
  const sheets = [sheet, size];
  let { documentElement, body } = plainDocument;
  let waiting = false;
  let could = true;

  const keep = () => {
    // Between `document.open()` and the first `document.write()`.
    if (!plainDocument.documentElement) return;
    // A page that fetches a page and writes it into itself writes the frame of that one with it.
    for (const stray of plainDocument.querySelectorAll('act-as-frame')) if (stray !== host) stray.remove();
    if (!host.isConnected || documentElement !== plainDocument.documentElement) {
      goHome(host);
      root.adoptedStyleSheets = sheets;
      listenAgain([host, ...plainDocument.querySelectorAll('act-as-button')]);
    } else if (!isUppermost(host.parentElement)) goHome(host);
    if (body !== plainDocument.body && plainDocument.body) onNewBody();
    ({ documentElement, body } = plainDocument);
    room();
  };
  const look = () => {
    waiting = false;
    endTransitions();
    keep();
    keepSize(host, size);
    could = reach();
  };
  const lookSoon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(look);
  };

  root.adoptedStyleSheets = sheets;
  goHome(host);
  look();
  new MutationObserver(() => {
    keep();
    lookSoon();
  }).observe(document, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['class', 'hidden', 'inert', 'open', 'style'],
  });
  for (const type of ['toggle', 'fullscreenchange', 'focusin', 'click', 'resize', 'visibilitychange'])
    listen(window, type, lookSoon, { capture: true, passive: true });
  // What happens in shadow roots and style sheets of the page tells nobody.
  setInterval(() => {
    if (plainDocument.visibilityState === 'visible' && (could || endTransitions())) look();
  }, LOOK_EVERY_MS);
}

/** The one property of the page that reaches what stands in the top layer: how large it draws itself. */
function keepSize(/** @type {HTMLElement} */ host, /** @type {CSSStyleSheet} */ sheet) {
  const rule = `:host(act-as-frame) { zoom: ${1 / (host.parentElement?.currentCSSZoom || 1)} !important; }`;
  if (sheet.cssRules[0]?.cssText !== rule) sheet.replaceSync(rule);
}
