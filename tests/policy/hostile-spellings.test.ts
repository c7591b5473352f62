/**
 * The story: a route is blocked, and the request spells it so that the gateway sees another route while the market app
 * behind it, which decodes twice, trims, folds and resolves, sees the blocked one. Here the app is as lenient as any real
 * server was ever seen to be. Whatever it takes for a blocked route must have been blocked, or have no single meaning and
 * be refused; whatever it takes for a paused one must have been paused, since ordinary shoppers are not refused.
 */
import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settlePath } from '../../policy/index.ts';
import { ask, load, SHIPPED } from './loaded.ts';

const policy = load(SHIPPED);

const SEASONING =
  '/ . .. %2e %2f %5c \\ ;x %3b %00 %20 %25 %252f %09 %C2%AD %E2%80%8B %C2%A0 .json %2ejson // /./ /x/../ %23 # %3f ..;/ %c0%af'.split(
    ' ',
  );

type Change = readonly [at: number, kind: 'insert' | 'escape' | 'shout', what: string];

const anyChange = tuple(
  integer({ min: 0, max: 40 }),
  constantFrom('insert', 'escape', 'shout'),
  constantFrom(...SEASONING),
);

function misspell(path: string, changes: readonly Change[]): string {
  return changes.reduce((text, [where, kind, what]) => {
    const at = 1 + (where % text.length);
    const letter = text[at] ?? '';
    if (kind === 'insert') return text.slice(0, at) + what + text.slice(at);
    if (letter === '') return text;
    const written =
      kind === 'shout' ? letter.toUpperCase() : `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
    return text.slice(0, at) + written + text.slice(at + 1);
  }, path);
}

/** The route that the most lenient of all servers would take this for. */
function lenientRoute(path: string): string {
  let text = path;
  for (let round = 0; round < 3; round += 1) text = decodeWhatItCan(text);
  text = text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase();
  text = text
    .replaceAll('\\', '/')
    .replace(/[?#\0][^]*$/, '')
    .replace(/\p{Cc}/gu, '');
  const segments: string[] = [];
  for (const part of text.split('/')) {
    const segment = part.replace(/;.*$/, '').trim();
    if (segment === '..') segments.pop();
    else if (segment.replace(/[.\s]+$/, '') !== '') segments.push(segment.replace(/[.\s]+$/, ''));
  }
  return `/${segments.join('/')}`.replace(/(?<=[^/])\.[^./]*$/, '');
}

function decodeWhatItCan(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text
      .replace(/%c0%af/gi, '/')
      .replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

function spellingsOf(route: string, check: (spelling: string) => void): number {
  let met = 0;
  assert(
    property(array(anyChange, { maxLength: 5 }), (changes) => {
      const spelling = misspell(route, changes);
      if (lenientRoute(spelling) !== route) return;
      met += 1;
      check(spelling);
    }),
    { numRuns: 4000 },
  );
  return met;
}

describe('every spelling that the most lenient server takes for', () => {
  it.each(['/api/password', '/api/cards', '/api/balance/funds', '/api/account/deactivate'])(
    '%s is blocked or has no single meaning',
    (route) => {
      const met = spellingsOf(route, (spelling) => {
        const path = settlePath(spelling);
        if (path.faults.length > 0) return;
        const { effect, rule } = ask(policy, 'PUT /', { path });
        expect([spelling, effect, rule === null]).toEqual([spelling, 'block', false]);
      });
      expect(met).toBeGreaterThan(1000);
    },
  );

  it.each(['/api/cart/items', '/api/orders'])('%s is paused for a shopper who is being helped', (route) => {
    const met = spellingsOf(route, (spelling) => {
      expect([spelling, policy.pausesAnything('POST', settlePath(spelling))]).toEqual([spelling, true]);
    });
    expect(met).toBeGreaterThan(1000);
  });
});
