/**
 * Text from the record, made harmless to read: escaped, isolated from the direction of its surroundings, with every
 * invisible or reordering character spelt out, and cut to a length a page can bear (the whole stands in its title).
 */
import { html } from 'ghtml';

// Controls, bidirectional controls, line and paragraph separators, fillers without a shape, tags, private use.
const ODD =
  /[\p{Cc}\p{Bidi_Control}\p{Co}\u2028\u2029\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e00ff}]|\u034f|[\ufe00-\ufe0e]/u;
// Joiners belong between letters of some scripts and inside emoji; beside ASCII they only disguise.
const JOINER = /(?<=[ -~]|^)[\u200c\u200d]|[\u200c\u200d](?=[ -~]|$)/u;
const SPELT_OUT = new RegExp(`${ODD.source}|${JOINER.source}`, 'gu');

/** HTML. `limit` counts characters as code points. */
export function shown(text: string | null, limit = 80): string {
  if (text === null || text === '') return '';
  const whole = text.toWellFormed();
  // A code point is at most two units long; what cannot be shown is not taken apart.
  const points = Array.from(whole.slice(0, limit * 2 + 2));
  const cut = points.length > limit;
  const visible = cut ? points.slice(0, limit).join('') : whole;
  if (!cut) return html`<bdi>!${pieces(visible)}</bdi>`;
  return html`<bdi class="cut" title="${plain(whole)}">!${pieces(visible)}<span class="more">…</span></bdi>`;
}

/** The same for places that hold no markup (titles, labels); still to be escaped. */
export function plain(text: string): string {
  return text.toWellFormed().replace(SPELT_OUT, (odd) => `[${name(odd)}]`);
}

function pieces(text: string): string {
  let from = 0;
  let made = '';
  for (const match of text.matchAll(SPELT_OUT)) {
    made += html`${text.slice(from, match.index)}<span class="odd">${name(match[0])}</span>`;
    from = match.index + match[0].length;
  }
  return made + html`${text.slice(from)}`;
}

function name(odd: string): string {
  return `U+${(odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
