/** Reads the settled query of an address into its parameters, each with the spelling that lenient readers see. */
import { foldText } from '../path/confusable.ts';

export type QueryParameter = {
  readonly name: string;
  readonly value: string;
  /** Name as the laxest reader takes it: in lower case, without brackets or a question mark at the front. */
  readonly folded: string;
  /** False for what only those see who separate at semicolons as well. */
  readonly certain: boolean;
};

/**
 * Null where an escape cannot be decoded.
 * @param query with its question mark, or empty
 */
export function readParameters(query: string): readonly QueryParameter[] | null {
  if (query.length < 2) return [];
  const found: QueryParameter[] = [];
  try {
    for (const pair of query.slice(1).split('&')) {
      if (pair === '') continue;
      found.push(parameter(pair, true));
      if (pair.includes(';')) found.push(...pair.split(';').map((part) => parameter(part, false)));
    }
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
  return found;
}

function parameter(pair: string, certain: boolean): QueryParameter {
  const mark = pair.indexOf('=');
  const name = decode(mark === -1 ? pair : pair.slice(0, mark));
  const value = mark === -1 ? '' : decode(pair.slice(mark + 1));
  return { name, value, folded: foldParameter(name), certain };
}

export function foldParameter(name: string): string {
  return foldText(name.trim().replace(/^\?+/, '')).replace(/\[.*$/s, '');
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
