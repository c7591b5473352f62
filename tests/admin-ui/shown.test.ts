/** Texts of the record are shown whole, or cut with the whole in the title; nothing in them stays invisible. */
import { describe, expect, it } from 'vitest';
import { plain, shown } from '../../admin-ui/index.ts';

describe('shown', () => {
  it('isolates the direction of every text', () => {
    expect(shown('שלום')).toBe('<bdi>שלום</bdi>');
  });

  it('is nothing for nothing', () => {
    expect([shown(null), shown('')]).toEqual(['', '']);
  });

  it.each([
    ['a\u202Eb', 'U+202E'],
    ['a\u0000b', 'U+0000'],
    ['a\nb', 'U+000A'],
    ['a\u200Bb', 'U+200B'],
    ['a\u200Db', 'U+200D'],
    ['a\u2028b', 'U+2028'],
    ['a\u{E0041}b', 'U+E0041'],
    ['a\u0085b', 'U+0085'],
  ])('spells out what would not be seen in %j', (text, name) => {
    expect(shown(text)).toBe(`<bdi>a<span class="odd">${name}</span>b</bdi>`);
    expect(plain(text)).toBe(`a[${name}]b`);
  });

  it.each(['José Ñandú', '👩‍🌾 Ann', 'می‌خواهم', '葛󠄀城', 'Zoë ❤️', 'क्‍ष'])('leaves %s as it is', (name) => {
    expect(shown(name)).toBe(`<bdi>${name}</bdi>`);
  });

  it('cuts between characters and keeps the whole in the title', () => {
    expect(shown('🥕🥕🥕🥕', 3)).toBe(
      '<bdi class="cut" title="🥕🥕🥕🥕">🥕🥕🥕<span class="more">…</span></bdi>',
    );
    expect(shown('abc', 3)).toBe('<bdi>abc</bdi>');
  });

  it('mends half a character rather than passing it on', () => {
    expect(shown('a\ud83e')).toBe('<bdi>a\ufffd</bdi>');
  });
});
