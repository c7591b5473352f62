/** Nothing of the page stands behind the bar: the page starts below it, and its own fixed headers move down. */

import { listen } from './listeners.js';
import { plainDocument, parentElementOf } from './plain-document.js';

/** Where along the bar to look for what it covers. */
const PROBES = [0.02, 0.25, 0.5, 0.75, 0.98];

/**
 * @param {HTMLElement} host
 * @param {ShadowRoot} root
 * @returns {() => void} makes it again, in a page that has begun anew
 */
export function makeRoom(host, root) {
  const rule = new CSSStyleSheet();
  // On paper too: what stands in the top layer takes no room of its own.
  rule.replaceSync('html{margin-top:var(--act-as-room)!important;scroll-padding-top:var(--act-as-room)}');
  /** @type {Map<HTMLElement, (height: number) => void>} */
  const moved = new Map();
  let height = -1;
  let scheduled = false;

  const say = () => {
    const { style, currentCSSZoom } = plainDocument.documentElement;
    const room = `${height / (currentCSSZoom || 1)}px`;
    if (style.getPropertyValue('--act-as-room') !== room) style.setProperty('--act-as-room', room);
    if (!plainDocument.adoptedStyleSheets.includes(rule)) plainDocument.adoptedStyleSheets.push(rule);
  };

  const measure = () => {
    const now = root.querySelector('.bar:not([hidden])') ? Math.ceil(host.getBoundingClientRect().height) : 0;
    if (now === height) return;
    height = now;
    say();
    for (const move of moved.values()) move(height);
    if (height === 0) moved.clear();
    look();
  };

  const look = () => {
    scheduled = false;
    if (height <= 0) return;
    for (const header of coveredHeaders(host, height)) {
      if (moved.has(header)) continue;
      const move = mover(header);
      moved.set(header, move);
      move(height);
    }
  };

  const lookSoon = () => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(look, 100);
  };

  measure();
  new ResizeObserver(measure).observe(host);
  new MutationObserver(measure).observe(root, { subtree: true, attributeFilter: ['hidden'] });
  new MutationObserver(lookSoon).observe(document, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['open'],
  });
  for (const type of ['scroll', 'resize', 'load', 'click']) listen(window, type, lookSoon, { passive: true });
  return say;
}

/**
 * @param {HTMLElement} header
 * @returns {(height: number) => void} moves it below a bar of this height, or back where it was when there is none
 */
function mover(header) {
  const { style } = header;
  const now = getComputedStyle(header);
  const offset = Number.parseFloat(now.top) || 0;
  const outside = header.offsetHeight - (Number.parseFloat(now.height) || 0);
  // What fills the screen gets shorter, so that its lower edge stays on it.
  const limit = now.maxHeight === 'none' ? '100vh' : now.maxHeight;
  const properties = now.position === 'fixed' ? ['top', 'max-height'] : ['top'];
  const before = properties.map((name) => ({
    name,
    value: style.getPropertyValue(name),
    priority: style.getPropertyPriority(name),
  }));
  return (height) => {
    for (const { name, value, priority } of before) {
      if (height === 0) style.setProperty(name, value, priority);
      else if (name === 'top') style.setProperty(name, `${offset + height}px`, 'important');
      else style.setProperty(name, `min(${limit}, 100vh - ${offset + height + outside}px)`, 'important');
    }
  };
}

/** The outermost fixed or stuck elements of the page that stand behind the bar. */
function coveredHeaders(/** @type {HTMLElement} */ host, /** @type {number} */ height) {
  const { body, documentElement } = plainDocument;
  /** @type {Set<HTMLElement>} */
  const found = new Set();
  // In the middle of the bar, and at its lower edge, which may cut through what begins further down.
  const points = PROBES.flatMap((probe) => [
    [innerWidth * probe, height / 2],
    [innerWidth * probe, height - 1],
  ]);
  for (const [x = 0, y = 0] of points) {
    for (const hit of plainDocument.elementsFromPoint(x, y)) {
      if (hit === host) continue;
      /** @type {HTMLElement | null} */
      let outermost = null;
      /** @type {Element | null} */
      let at = hit;
      for (; at && at !== body && at !== documentElement; at = parentElementOf(at)) {
        if (!(at instanceof HTMLElement)) continue;
        const { position, top } = getComputedStyle(at);
        if (position !== 'fixed' && position !== 'sticky') continue;
        // A press on the backdrop of a dialog hits the dialog, wherever that stands.
        if (Number.parseFloat(top) < height && at.getBoundingClientRect().top < height) outermost = at;
      }
      if (outermost && outermost !== host) found.add(outermost);
    }
  }
  return found;
}
