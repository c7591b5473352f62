/** True where some reader of forms, JSON or multipart would find a wish for another method, however it is written. */
import { isOverrideField } from './override-name.ts';

const PART_NAME = /\bname(\*?)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,"]+))/gi;

export function mentionsOverride(latin1: string): boolean {
  const text = latin1.replaceAll('\0', '').replace(/%u00|\\u00/gi, '%');
  return (
    text.split(/[&;\r\n?]/).some((pair) => isOverrideField(lenientlyDecoded(pair.split('=', 1)[0] ?? ''))) ||
    keys(lenientlyDecoded(text)).some(isOverrideField) ||
    partNames(text).some(isOverrideField)
  );
}

/** Every value of `name=` and `name*=`, with and without its backslashes. */
export function partNames(text: string): readonly string[] {
  return matches(PART_NAME, text.replaceAll('\\', '')).map(([, extended, ...values]) => {
    const value = values.find((one) => one !== undefined) ?? '';
    return extended === '*' ? lenientlyDecoded(value.replace(/^[^']*'[^']*'/, '')) : lenientlyDecoded(value);
  });
}

/** Keys that may be a wish, quoted in any way or not at all, as lax readers of JSON take them. */
function keys(text: string): readonly string[] {
  return matches(/method/gi, text).flatMap(({ index }) => {
    const before = /[^\s"'{},:]*$/.exec(text.slice(Math.max(0, index - 32), index))?.[0] ?? '';
    const [after = '', rest] = /^([^\s"'{},:]*)["']?\s*:/.exec(text.slice(index + 6, index + 70)) ?? [];
    return after === '' ? [] : [`${before}method${rest ?? ''}`];
  });
}

/** As readers of forms decode, without a fault where there is one. */
export function lenientlyDecoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%c1%([89ab][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16) & 0x7f),
    )
    .replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function matches(pattern: RegExp, text: string): readonly RegExpExecArray[] {
  return [...text.matchAll(pattern)];
}
