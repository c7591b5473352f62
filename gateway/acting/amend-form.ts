/** Writes the policy's text into the fields of a urlencoded form; every other field stays as it was written. */
import type { Amended } from './amend.ts';

/** As in JSON, text that stands in the field already is kept, on a line of its own after ours. */
export function amendForm(bytes: Buffer, values: Readonly<Record<string, string>>): Amended {
  const text = bytes.toString('latin1');
  if (!/^[\x21-\x7e]*$/.test(text)) return { ok: false, fault: 'body_not_form' };
  let pairs = text.split('&').filter((pair) => pair !== '');
  for (const [name, ours] of Object.entries(values)) {
    const read = pairs.map((pair) => readPair(pair));
    if (read.includes(null)) return { ok: false, fault: 'body_not_form' };
    const alike = read.filter((one) => one !== null && fold(one.name) === fold(name));
    const [only] = alike;
    // Some frameworks would take another of them for the field.
    if (alike.length > 1 || (only !== undefined && only?.name !== name))
      return { ok: false, fault: 'body_duplicate_key' };
    const kept = only?.value.trim() ? `\n${only.value}` : '';
    pairs = pairs.filter((pair) => readPair(pair)?.name !== name);
    pairs.push(`${encode(name)}=${encode(ours + kept)}`);
  }
  return { ok: true, bytes: Buffer.from(pairs.join('&')) };
}

function readPair(pair: string): { readonly name: string; readonly value: string } | null {
  const mark = pair.indexOf('=');
  try {
    const [name, value] = mark === -1 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)];
    return { name: decode(name), value: decode(value) };
  } catch {
    return null;
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** As a browser sends what stands in a text area: lines end in CR and LF. */
function encode(text: string): string {
  return encodeURIComponent(text.replaceAll(/\r?\n/g, '\r\n'));
}

function fold(name: string): string {
  return name.trim().toLowerCase().replace(/[ .]/g, '_').replace(/\[.*$/s, '');
}
