/** Collects the fields of a form, and refuses names of which some framework keeps only one. */
import { foldCase } from '../path/confusable.ts';
import type { BodyFault } from './parsed-body.ts';

const MOST_FIELDS = 1000;

export type FieldCollector = {
  /** The fault, or null if the field was taken. */
  readonly add: (name: string, value: unknown) => BodyFault | null;
  readonly fields: () => Readonly<Record<string, unknown>>;
};

export function collectFields(): FieldCollector {
  const values = new Map<string, unknown>();
  const seen = new Set<string>();
  const plain = new Set<string>();
  const bracketed = new Set<string>();
  let count = 0;

  return {
    add(name, value) {
      count += 1;
      if (count > MOST_FIELDS) return 'body_too_many_fields';
      if (name === '' || /\p{Cc}/u.test(name) || !name.isWellFormed()) return 'body_not_form';
      // PHP makes blanks and dots of a name underscores; some others do not mind letter case.
      const folded = foldCase(name.trim()).replace(/[ .]/g, '_');
      const base = folded.replace(/\[.*$/s, '');
      // `price` and `price[0]` are one variable to readers of nested names.
      const [own, other] = folded === base ? [plain, bracketed] : [bracketed, plain];
      if (other.has(base)) return 'body_duplicate_key';
      own.add(base);
      if (name.endsWith('[]')) {
        const list = values.get(name);
        if (Array.isArray(list)) list.push(value);
        else if (seen.has(folded)) return 'body_duplicate_key';
        else values.set(name, [value]);
      } else if (seen.has(folded)) return 'body_duplicate_key';
      else values.set(name, value);
      seen.add(folded);
      return null;
    },
    fields: () => Object.fromEntries(values),
  };
}
