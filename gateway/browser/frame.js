/** The element that holds everything of ours: finds it, reads its configuration, and keeps it in the page. */
import { makeRoom } from './room.js';

/**
 * @typedef {{ host: HTMLElement, root: ShadowRoot, sheet: CSSStyleSheet, config: Config }} Frame
 * @typedef {{ methods: string[], pattern: string }} Route
 * @typedef {{ sessionId: string, subjectName: string, idleLeftMs: number, absoluteLeftMs: number, returnTo: string,
 *   signOut: Route[] }} Acting
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
  const host = document.querySelector('act-as-frame[data-config]');
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
  for (const type of OURS) host.addEventListener(type, (event) => event.stopPropagation());
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

/** Beside the body rather than in it: no framework renders there, and nothing the page does to its body hides it. */
export function keepFrame(/** @type {Frame} */ { host, root }) {
  makeRoom(host, root);
  const keep = () => {
    if (host.parentNode !== document.documentElement)
      document.documentElement.insertBefore(host, document.body);
  };
  keep();
  new MutationObserver(keep).observe(document.documentElement, { childList: true });
}
