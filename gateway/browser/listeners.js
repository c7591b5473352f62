/** Listeners that outlive `document.open()`, which takes every listener off the window and all nodes of the page. */

/** @typedef {{ type: string, listener: EventListener, options: AddEventListenerOptions | undefined }} Kept */
/** @type {WeakMap<EventTarget, Kept[]>} */
const kept = new WeakMap();

/**
 * @template {keyof (WindowEventMap & DocumentEventMap)} Type
 * @overload
 * @param {EventTarget} target
 * @param {Type} type
 * @param {(event: (WindowEventMap & DocumentEventMap)[Type]) => void} listener
 * @param {AddEventListenerOptions} [options]
 * @returns {void}
 */
/**
 * @overload
 * @param {EventTarget} target
 * @param {string} type
 * @param {(event: Event) => void} listener
 * @param {AddEventListenerOptions} [options]
 * @returns {void}
 */
/** @param {EventTarget} target @param {string} type @param {EventListener} listener @param {AddEventListenerOptions} [options] */
export function listen(target, type, listener, options) {
  const entry = { type, listener, options };
  add(target, entry);
  kept.set(target, [...(kept.get(target) ?? []), entry]);
}

/** On the window, the document and everything in our elements; one that is still there stays there once. */
export function listenAgain(/** @type {Iterable<Element>} */ hosts) {
  addAgain(window);
  addAgain(document);
  for (const host of hosts) {
    addAgain(host);
    for (const inside of host.shadowRoot?.querySelectorAll('*') ?? []) addAgain(inside);
  }
}

function addAgain(/** @type {EventTarget} */ target) {
  for (const entry of kept.get(target) ?? []) add(target, entry);
}

/** Not the target's own member, which an element of the page can be named like. */
function add(/** @type {EventTarget} */ target, /** @type {Kept} */ { type, listener, options }) {
  EventTarget.prototype.addEventListener.call(target, type, listener, options);
}
