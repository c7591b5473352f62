/**
 * The document as the browser defines it, whatever its elements are called: an `<img name="body">` that a shopper wrote
 * into a comment stands before `document.body`, and an `<input name="parentElement">` before that member of its form.
 */

/** For everything but handing it to the browser itself. */
export const plainDocument = new Proxy(document, {
  get(target, name) {
    /** @type {unknown} */
    const member = Reflect.get(Document.prototype, name, target);
    return typeof member === 'function' ? /** @type {unknown} */ (member.bind(target)) : member;
  },
});

/** @param {Element} element */
export function parentElementOf(element) {
  /** @type {unknown} */
  const parent = Reflect.get(Node.prototype, 'parentElement', element);
  return parent instanceof Element ? parent : null;
}

/** @param {Element} element @returns {ShadowRoot | null} that of the shadow tree it stands in */
export function shadowRootAround(element) {
  const root = Node.prototype.getRootNode.call(element);
  return root instanceof ShadowRoot ? root : null;
}
