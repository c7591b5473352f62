/** Makes elements without ever parsing HTML, so that it works under Trusted Types and no text becomes markup. */
import { listen } from './listeners.js';
import { plainDocument } from './plain-document.js';

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | boolean | (() => void)>} attributes true for an attribute without value, a
 *   function for a listener (`onclick`)
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const made = plainDocument.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') listen(made, key.slice(2), value);
    else if (value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

/** A name of a person, kept from turning the text around it: `Stop acting as <bdi>…</bdi>`. */
export function nameOf(/** @type {string} */ text) {
  return element('bdi', {}, text);
}

/** The same for attributes, where there is no element to keep it: characters that turn text are left out. */
export function plainName(/** @type {string} */ text) {
  return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}
