/** Folds text as the laxest upstream might, and tells whether that could turn it into a route it does not spell. */

const NOT_ASCII = /\P{ASCII}/u;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;
const SPARED = /[ßẞıİ]/g;

/**
 * Case alone: upper and then lower case folds what lower case alone keeps apart, such as the long s. Takes time in
 * proportion to a text of any length, which normalizing does not.
 */
export function foldCase(text: string): string {
  return NOT_ASCII.test(text) ? text.toUpperCase().toLowerCase() : text.toLowerCase();
}

/** Case, compatibility forms and invisible characters taken away. Folding twice changes nothing more. */
export function foldText(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toLowerCase();
  // Upper and then lower case folds what lower case alone keeps apart: the long s, the dotless i, the sharp s.
  const once = text.normalize('NFKC').replace(IGNORABLE, '').toUpperCase().toLowerCase();
  return once.normalize('NFKC');
}

/**
 * True when folding would make a significant character (`/ \ . ; % ? #`) appear, or would make the whole segment plain
 * ASCII, so that `ｐassword` could reach the route of `password`. Names in their own script stay: `süße`, `１００円`. The
 * German and Turkish letters that fold to ASCII by case alone are spared: people write them, and rules that forbid
 * compare with the folded form anyway.
 */
export function isConfusable(text: string): boolean {
  if (!NOT_ASCII.test(text)) return false;
  for (const character of text)
    if (character > '\x7f' && /[/\\.;%?#]/u.test(character.normalize('NFKC'))) return true;
  const unspared = text.replace(SPARED, '');
  return NOT_ASCII.test(unspared) && !NOT_ASCII.test(foldText(unspared));
}
