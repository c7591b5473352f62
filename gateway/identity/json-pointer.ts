/** RFC 6901 JSON pointers, compiled once and read without ever leaving a value's own properties. */
import { pointerSteps } from '../../policy/index.ts';

export type PointerAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  /** A `null` stands there or on the way: the app says "nobody", "nothing". */
  | { readonly kind: 'null' }
  /** There is no such place: the app's answer has another shape than was configured. */
  | { readonly kind: 'missing' };

export type PointerReader = (document: unknown) => PointerAnswer;

const pointerShape = /^(?:\/(?:[^~/]|~[01])*)*$/;

export function isJsonPointer(text: string): boolean {
  return pointerShape.test(text);
}

/** @param pointer one that {@link isJsonPointer} accepts; the empty one is the whole document. */
export function compilePointer(pointer: string): PointerReader {
  const steps = pointerSteps(pointer);
  return (document) => {
    let here: unknown = document;
    for (const step of steps) {
      if (here === null) return { kind: 'null' };
      if (typeof here !== 'object' || !Object.hasOwn(here, step)) return { kind: 'missing' };
      // `length` is an array's own property, but no place in a JSON document.
      if (Array.isArray(here) && step === 'length') return { kind: 'missing' };
      here = Reflect.get(here, step);
    }
    return here === null ? { kind: 'null' } : { kind: 'value', value: here };
  };
}
