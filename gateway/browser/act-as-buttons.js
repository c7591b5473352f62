/** Puts an Act-as button where the configuration says, into what is there and into what comes later. */
import { element, plainName } from './element.js';
import { listen } from './listeners.js';
import { plainDocument } from './plain-document.js';
import { pathMatcher } from './routes.js';

/**
 * @param {CSSStyleSheet} sheet
 * @param {import('./frame.js').Place[]} places
 * @param {(subject: { id: string, name: string }) => void} onPress
 * @returns {(allowed: boolean) => void} shows or removes all of them
 */
export function placeButtons(sheet, places, onPress) {
  const compiled = places.map((place) => ({
    ...place,
    onPage: pathMatcher(place.page),
    /** Element of the page → our button in it. */
    buttons: /** @type {Map<Element, HTMLElement>} */ (new Map()),
  }));
  const ours = (/** @type {Element} */ stray) =>
    compiled.some(({ buttons }) => [...buttons.values()].some((button) => button === stray));
  let allowed = false;

  const scan = () => {
    for (const place of compiled) {
      const { buttons } = place;
      const wanted = new Set(
        allowed && place.onPage(location.pathname) ? plainDocument.querySelectorAll(place.each) : [],
      );
      for (const [owner, button] of buttons) {
        if (wanted.has(owner) && owner.getAttribute(place.idAttribute)) continue;
        button.remove();
        buttons.delete(owner);
      }
      for (const owner of wanted) if (owner.getAttribute(place.idAttribute)) put(owner, place, buttons);
    }
  };

  /** @param {Element} owner @param {import('./frame.js').Place} place @param {Map<Element, HTMLElement>} buttons */
  const put = (owner, place, buttons) => {
    const container = place.into ? owner.querySelector(place.into) : owner;
    if (!container) return;
    const button = buttons.get(owner) ?? makeButton(sheet, () => onPress(subjectOf(owner, place)));
    buttons.set(owner, button);
    // A page that clones its rows clones the shell of our button with them.
    for (const stray of container.querySelectorAll(':scope > act-as-button')) {
      if (stray !== button && !ours(stray)) stray.remove();
    }
    if (button.parentNode !== container) {
      if (place.position === 'prepend') container.prepend(button);
      else container.append(button);
    }
    const { name } = subjectOf(owner, place);
    const label = `Act as ${name === '' ? 'this person' : plainName(name)}`;
    const real = button.shadowRoot?.querySelector('button');
    if (real && real.getAttribute('aria-label') !== label) real.setAttribute('aria-label', label);
  };

  const attributes = compiled.flatMap(({ idAttribute, nameAttribute }) => [
    idAttribute,
    nameAttribute ?? idAttribute,
  ]);
  new MutationObserver(scan).observe(document, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: [...new Set([...attributes, 'class', 'id', 'open'])],
  });
  for (const type of ['popstate', 'hashchange']) listen(window, type, scan);
  return (now) => {
    allowed = now;
    scan();
  };
}

/** Read when it is needed: one element may stand for many people in turn. */
function subjectOf(/** @type {Element} */ owner, /** @type {import('./frame.js').Place} */ place) {
  return {
    id: owner.getAttribute(place.idAttribute) ?? '',
    name: (place.nameAttribute ? owner.getAttribute(place.nameAttribute) : null)?.trim() ?? '',
  };
}

/** A real button in a shadow root of its own, so that it looks the same in every page. */
function makeButton(/** @type {CSSStyleSheet} */ sheet, /** @type {() => void} */ onPress) {
  const shell = plainDocument.createElement('act-as-button');
  shell.lang = 'en';
  const root = shell.attachShadow({ mode: 'open', delegatesFocus: true });
  root.adoptedStyleSheets = [sheet];
  root.append(element('button', { type: 'button', class: 'act-as', onclick: onPress }, 'Act as'));
  // The row around it often does something of its own when it is pressed.
  for (const type of ['click', 'dblclick', 'mousedown', 'pointerdown', 'keydown', 'keyup']) {
    listen(shell, type, (event) => event.stopPropagation());
  }
  return shell;
}
