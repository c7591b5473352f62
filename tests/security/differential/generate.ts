/** Makes requests that someone might send to get round a rule: every part of one is bent, and mostly more than one part. */
import {
  array,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  tuple,
  type Arbitrary,
} from 'fast-check';
import { anyGraphql } from './generate-graphql.ts';
import { ALLOWED, BLOCKED } from './routes.ts';
import {
  ENDINGS,
  FRONTS,
  IDS,
  INSIDES,
  METHODS,
  OVERRIDE_NAMES,
  SEPARATORS,
  TYPES,
  VERBS,
} from './spellings.ts';

export type Attack = {
  readonly method: string;
  readonly target: string;
  /** Header lines, as they stand on the wire. */
  readonly headers: readonly string[];
  /** latin1 */
  readonly body: string | null;
};

type Bend = readonly [kind: number, at: number, pick: number];

const anyPath: Arbitrary<string> = tuple(
  oneof(
    { weight: 8, arbitrary: constantFrom(...BLOCKED) },
    { weight: 2, arbitrary: constantFrom(...ALLOWED) },
  ),
  constantFrom(...IDS),
  array(tuple(integer({ min: 0, max: 9 }), integer({ min: 0, max: 60 }), integer({ min: 0, max: 1000 })), {
    maxLength: 3,
  }),
).map(([entry, id, bends]) => bends.reduce(bent, entry.path.replaceAll(/:\w+/g, id)));

function bent(path: string, [kind, where, which]: Bend): string {
  const pick = (from: readonly string[]): string => from[which % from.length] ?? '';
  const at = where % Math.max(1, path.length);
  const letter = path[at] ?? '';
  const replaced = (by: string): string => path.slice(0, at) + by + path.slice(at + 1);
  const hex = letter.charCodeAt(0).toString(16).padStart(2, '0');
  switch (kind) {
    case 0: {
      const slashes = [...path.matchAll(/\//g)].map(({ index }) => index);
      const slash = slashes[where % Math.max(1, slashes.length)] ?? 0;
      return path.slice(0, slash) + pick(SEPARATORS) + path.slice(slash + 1);
    }
    case 1:
      return path + pick(ENDINGS);
    case 2:
      return pick(FRONTS) + path;
    case 3:
      return path.slice(0, at) + pick(INSIDES) + path.slice(at);
    case 4:
      return replaced(which % 3 === 0 ? `%25${hex}` : `%${which % 2 === 0 ? hex : hex.toUpperCase()}`);
    case 5:
      return replaced(letter.toUpperCase());
    case 6:
      return path.toUpperCase();
    case 7: {
      const wide = encodeURIComponent(String.fromCodePoint(0xfee0 + letter.charCodeAt(0)));
      return /[!-~]/.test(letter) ? replaced(letter === 's' && which % 2 === 0 ? '%c5%bf' : wide) : path;
    }
    case 8:
      return path.replace(/[a-z]/g, (one) => (which % 2 === 0 ? one : `%${one.charCodeAt(0).toString(16)}`));
    default:
      return path;
  }
}

const anyQuery: Arbitrary<string> = oneof(
  { weight: 6, arbitrary: constant('') },
  {
    weight: 1,
    arbitrary: constantFrom('?a=1', '?next=%2Fmarket', '?a=1&b=2', '?', '?x#y', '?q=caf%C3%A9', '?ids=1;2'),
  },
  {
    weight: 3,
    arbitrary: tuple(
      constantFrom('?', '?a=1&', '?a=1;', '?&', '?a&'),
      constantFrom(...OVERRIDE_NAMES),
      constantFrom(...VERBS),
    ).map(([front, name, verb]) => `${front}${name}=${encodeURIComponent(verb)}`),
  },
);

const anyHeader: Arbitrary<string> = oneof(
  tuple(
    constantFrom(
      'X-HTTP-Method-Override',
      'X-HTTP-Method',
      'X-Method-Override',
      'x-http-method-override',
      'X_HTTP_Method_Override',
    ),
    constantFrom(...VERBS),
  ).map(([name, verb]) => `${name}: ${verb}`),
  tuple(
    constantFrom(
      'X-Original-URL',
      'X-Rewrite-URL',
      'X-Forwarded-Uri',
      'X-Forwarded-Prefix',
      'X-Original-URI',
    ),
    constantFrom(...BLOCKED.map(({ path }) => path.replaceAll(/:\w+/g, '7'))),
  ).map(([name, path]) => `${name}: ${path}`),
  constantFrom(
    'Connection: authorization',
    'Connection: x-forwarded-for, close',
    'Connection: keep-alive',
    'Expect: 100-continue',
    'Upgrade: h2c',
    'Transfer-Encoding: identity',
    'Content-Encoding: identity',
    'Range: bytes=0-1',
    'If-None-Match: *',
    'X-Requested-With: XMLHttpRequest',
    'Accept: */*',
    'User-Agent: x',
    'Origin: null',
    'Purpose: prefetch',
    'Trailer: x',
  ),
);

const anyBody: Arbitrary<{ readonly type: string; readonly text: string }> = tuple(
  constantFrom(...TYPES),
  option(tuple(constantFrom(...OVERRIDE_NAMES), constantFrom(...VERBS)), { freq: 2 }),
  constantFrom('&', ';', '\r\n&'),
).map(([type, wish, separator]) => ({ type, text: bodyOf(type, wish, separator) }));

function bodyOf(type: string, wish: readonly [string, string] | null, separator: string): string {
  const [name, verb] = wish ?? ['b', '2'];
  if (type.endsWith('json')) return `{"a":1,"${name.replace('%5f', '\\u005f')}":"${verb}"}`;
  if (!type.startsWith('multipart')) return `a=1${separator}${name}=${encodeURIComponent(verb)}`;
  const part = (field: string, value: string): string =>
    `--x\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`;
  return `${part('a', '1')}${part(name, verb)}--x--\r\n`;
}

const anyRoute: Arbitrary<Attack> = record({
  path: anyPath,
  method: constantFrom(...METHODS, ...BLOCKED.map(({ method }) => method), 'POST', 'POST', 'PUT', 'PUT'),
  query: anyQuery,
  headers: array(anyHeader, { maxLength: 2 }),
  body: anyBody,
  bare: integer({ min: 0, max: 9 }),
}).map(({ path, method, query, headers, body, bare }) => {
  const read = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  // Most of them without anything else that would be refused, so that many get past the first wall.
  const extra = bare < 5 ? [] : headers;
  const content = read || bare % 3 === 0 ? null : body;
  return {
    method,
    target: path + query,
    headers: content === null || content.type === '' ? extra : [`Content-Type: ${content.type}`, ...extra],
    body: content?.text ?? null,
  };
});

export const anyAttack: Arbitrary<Attack> = oneof(
  { weight: 9, arbitrary: anyRoute },
  { weight: 1, arbitrary: anyGraphql },
);

/** @param head header lines that come first, such as Host and Cookie */
export function rawOf({ method, target, headers, body }: Attack, head: readonly string[]): string {
  const framing =
    body === null
      ? /^(?:POST|PUT|PATCH)$/.test(method)
        ? ['Content-Length: 0']
        : []
      : [`Content-Length: ${body.length}`];
  return `${[`${method} ${target} HTTP/1.1`, ...head, ...headers, ...framing].join('\r\n')}\r\n\r\n${body ?? ''}`;
}
