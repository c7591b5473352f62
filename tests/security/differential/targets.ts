/** Makes request targets out of everything that some parser ever stumbled over, by the million. */
import { settlePath, type AcceptedFaults, type PathFault } from '../../../policy/index.ts';

const PIECES = [
  'api',
  'password',
  'cards',
  'a',
  'B',
  'x.y',
  '.hidden',
  'caf%C3%A9',
  '%E9%87%8E',
  'süße',
  'é',
  '~',
  '-_.',
  '@b',
  'a+b',
  'a,b',
  'a:b',
  "o'b",
  '(c)',
  '$x',
  '*',
  '[id]',
  '=',
  '&',
  '!',
  '/',
  '/',
  '/',
  '//',
  '/./',
  '/../',
  '.',
  '..',
  '...',
  '%2e',
  '%2E',
  '%2f',
  '%2F',
  '%5c',
  '\\',
  ';',
  ';x=1',
  '%3b',
  '%3f',
  '?',
  '#',
  '%23',
  '%00',
  '%0a',
  '%09',
  '%7f',
  '%20',
  ' ',
  '\t',
  '\r\n',
  '%25',
  '%252f',
  '%25252e',
  '%u002f',
  '%',
  '%4',
  '%zz',
  '%41',
  '%6a',
  '%c0%af',
  '%e0%80%af',
  '%ff',
  '%ed%a0%80',
  '%c3',
  '%a9',
  '%ef%bd%90',
  'ｐ',
  '%c5%bf',
  'ſ',
  '%c2%ad',
  '\u00ad',
  '%e2%80%8b',
  '%ef%bc%8f',
  '%e2%80%ae',
  '\ud800',
  '😀',
  '%f0%9f%98%80',
  'http://h',
  '//h',
  'file:',
  '@',
  ':80',
  '"',
  '<',
  '>',
  '^',
  '{',
  '|',
  '}',
  '`',
  '\x01',
  '\x7f',
  '\u0085',
  '%c2%85',
  '%c2%a0',
  '\u3000',
];

/** Small, fast and repeatable (mulberry32); what is made depends on the seed alone. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function anyTarget(random: () => number): string {
  const count = 1 + Math.floor(random() * 8);
  let text = random() < 0.9 ? '/' : '';
  for (let index = 0; index < count; index += 1) text += PIECES[Math.floor(random() * PIECES.length)] ?? '';
  return text;
}

const ACCEPTABLE: readonly PathFault[] = [
  'path_parameter',
  'encoded_slash',
  'encoded_delimiter',
  'empty_segment',
  'trailing_dot',
  'confusable',
];

const ACCEPTING: readonly AcceptedFaults[] = [
  { faults: new Set(), mergeSlashes: false },
  { faults: new Set(), mergeSlashes: true },
  { faults: new Set(ACCEPTABLE), mergeSlashes: false },
];

const ON_THE_WIRE = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@[\]%/]*$/;

/**
 * What is wrong with how a target is settled, or null. What is forwarded must be what was matched: settled again it is
 * the same text and the same segments, it says what Node's own decoder says, and it is read alike by the web's URL.
 */
export function wrongWith(target: string): string | null {
  for (const accepted of ACCEPTING) {
    const once = settlePath(target, accepted);
    if (!ON_THE_WIRE.test(once.canonical)) return `${once.canonical} cannot stand on the wire`;
    const twice = settlePath(once.canonical, accepted);
    if (twice.canonical !== once.canonical)
      return `${once.canonical} becomes ${twice.canonical} when settled again`;
    if (once.faults.length > 0) continue;
    if (twice.faults.length > 0) return `${once.canonical} has ${twice.faults.join()} when settled again`;
    if (twice.segments.join('\n') !== once.segments.join('\n'))
      return `${once.canonical} has other segments when settled again`;
    if (!sameReadings(twice.loose, once.loose))
      return `${once.canonical} has other readings when settled again`;
    const read = once.canonical.slice(1).split('/').map(decodeURIComponent);
    if (read.at(-1) === '') read.pop();
    if (read.join('\n') !== once.segments.join('\n'))
      return `${once.canonical} says something else than its segments`;
    if (accepted.faults.size > 0) continue;
    const { pathname } = new URL(`http://h${once.canonical}`);
    if (pathname !== once.canonical) return `${once.canonical} is ${pathname} to URL`;
  }
  return null;
}

function sameReadings(a: readonly string[], b: readonly string[]): boolean {
  return a.every((form) => b.includes(form)) && b.every((form) => a.includes(form));
}
