import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJar } from '../../../gateway/jar/index.ts';

const now = Date.UTC(2026, 3, 18);
const site = 'https://www.market.example';

function jarWith(setCookies: readonly string[], path = '/', origin = site) {
  const jar = openJar(null, origin);
  jar.store(setCookies, path, now);
  return jar;
}

describe('the cookie jar', () => {
  it('sends back what it was given, in the spelling it was given', () => {
    const jar = jarWith(['sid=a==; Path=/; HttpOnly', 'q="x y"; Path=/', 'empty=; Path=/']);
    expect(jar.cookieHeader('/market', now)).toBe('sid=a==; q="x y"; empty=');
  });

  it('has nothing to send when it is empty', () => {
    expect(openJar(null, site).cookieHeader('/', now)).toBeNull();
    expect(openJar(null, site).store([], '/', now)).toBe(false);
  });

  it('replaces a cookie of the same name and path and keeps its place in line', () => {
    const jar = jarWith(['a=1; Path=/', 'b=1; Path=/']);
    jar.store(['a=2; Path=/'], '/', now);
    expect(jar.cookieHeader('/', now)).toBe('a=2; b=1');
  });

  it('minds paths as RFC 6265 says, the longest first', () => {
    const jar = jarWith(['a=root; Path=/', 'a=shop; Path=/shop', 'c=here'], '/shop/cart?x=1');
    expect(jar.cookieHeader('/shop/cart', now)).toBe('a=shop; c=here; a=root');
    expect(jar.cookieHeader('/shop?x=/shop/cart', now)).toBe('a=shop; c=here; a=root');
    expect(jar.cookieHeader('/shopping', now)).toBe('a=root');
  });

  it('lets a cookie die when its Max-Age is over, however often it was sent', () => {
    const jar = jarWith(['sid=1; Path=/; Max-Age=60']);
    for (let second = 0; second < 60; second += 1) {
      expect(jar.cookieHeader('/', now + second * 1000)).toBe('sid=1');
    }
    expect(jar.cookieHeader('/', now + 60_000)).toBeNull();
    expect(openJar(jar.serialise(), site).cookieHeader('/', now + 60_000)).toBeNull();
  });

  it('lets a cookie die at its Expires, by the clock it is given', () => {
    const jar = jarWith([`sid=1; Path=/; Expires=${new Date(now + 1000).toUTCString()}`]);
    expect(jar.cookieHeader('/', now + 999)).toBe('sid=1');
    expect(jar.cookieHeader('/', now + 1000)).toBeNull();
  });

  it.each(['Max-Age=0', 'Max-Age=-1', 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'])(
    'removes a cookie at %s',
    (end) => {
      const jar = jarWith(['sid=1; Path=/', 'b=2; Path=/']);
      expect(jar.store([`sid=; Path=/; ${end}`], '/', now)).toBe(true);
      expect(jar.cookieHeader('/', now)).toBe('b=2');
      expect(jar.serialise()).not.toContain('sid');
    },
  );

  it('takes a Domain that covers our host, and sends the cookie to our host only', () => {
    const jar = jarWith(['a=1; Path=/; Domain=market.example', 'b=2; Path=/; Domain=.WWW.market.example']);
    expect(jar.cookieHeader('/', now)).toBe('a=1; b=2');
    expect(openJar(jar.serialise(), 'https://admin.market.example').cookieHeader('/', now)).toBeNull();
    expect(openJar(jar.serialise(), 'https://market.example').cookieHeader('/', now)).toBeNull();
  });

  it.each(['upstream.internal', 'evil.example', 'shop.www.market.example', 'arket.example', '127.0.0.1'])(
    'ignores a cookie for %s',
    (domain) => {
      const jar = jarWith([`a=1; Path=/; Domain=${domain}`]);
      expect(jar.cookieHeader('/', now)).toBeNull();
    },
  );

  it('works for sites on addresses and single names', () => {
    for (const origin of [
      'http://localhost:8080',
      'http://127.0.0.1:8080',
      'http://[::1]:8080',
      'http://market',
    ]) {
      expect(jarWith(['a=1; Path=/'], '/', origin).cookieHeader('/', now)).toBe('a=1');
    }
    expect(jarWith(['a=1; Domain=localhost'], '/', 'http://localhost:8080').cookieHeader('/', now)).toBe(
      'a=1',
    );
  });

  it('keeps Secure cookies where the site is served over HTTPS, whatever the upstream speaks', () => {
    expect(jarWith(['sid=1; Secure', '__Host-x=1; Secure; Path=/']).cookieHeader('/', now)).toBe(
      'sid=1; __Host-x=1',
    );
    expect(jarWith(['sid=1; Secure'], '/', 'http://market.example').cookieHeader('/', now)).toBeNull();
  });

  it.each([
    '__Host-x=1; Path=/',
    '__Host-x=1; Secure; Path=/shop',
    '__Host-x=1; Secure; Path=/; Domain=www.market.example',
    '__Secure-x=1; Path=/',
  ])('ignores %j, which a browser would', (setCookie) => {
    expect(jarWith([setCookie]).cookieHeader('/', now)).toBeNull();
  });

  it.each(['act_as=forged; Path=/', '__Host-act_as=forged; Path=/; Secure', 'ACT_AS=forged'])(
    'never takes %j: that name is ours',
    (setCookie) => {
      const jar = openJar(null, site);
      expect(jar.store([setCookie], '/', now)).toBe(false);
      expect(jar.serialise()).not.toContain('forged');
    },
  );

  it('ignores what cannot be read and keeps the rest', () => {
    const jar = jarWith(['', ';', '=x', 'novalue', 'bad\u0000=1', 'ok=1; Path=/', 'x'.repeat(10_000)]);
    expect(jar.cookieHeader('/', now)).toBe('ok=1');
  });

  it('ignores a cookie of more than 4096 bytes', () => {
    const jar = jarWith([`big=${'x'.repeat(4094)}; Path=/`, `fits=${'x'.repeat(4092)}; Path=/`]);
    expect(jar.cookieHeader('/', now)).toBe(`fits=${'x'.repeat(4092)}`);
  });

  it('keeps fifty cookies, the latest', () => {
    const jar = jarWith(Array.from({ length: 60 }, (_, n) => `c${String(n)}=1; Path=/`));
    const names = jar.cookieHeader('/', now)?.split('; ') ?? [];
    expect(names).toHaveLength(50);
    expect(names[0]).toBe('c10=1');
    expect(names.at(-1)).toBe('c59=1');
  });

  it('makes room among the dead before it touches the living', () => {
    const jar = jarWith(
      Array.from({ length: 50 }, (_, n) => `c${String(n)}=1; Path=/${n < 49 ? '; Max-Age=10' : ''}`),
    );
    jar.store(['new=1; Path=/'], '/', now + 10_000);
    expect(jar.cookieHeader('/', now + 10_000)).toBe('c49=1; new=1');
  });

  it('comes back from its serialised form as it was', () => {
    const jar = jarWith(['a=1; Path=/; Max-Age=60; Secure', 'b=2; Path=/shop; HttpOnly', 'c=3'], '/shop/x');
    const again = openJar(jar.serialise(), site);
    for (const [path, at] of [
      ['/', now],
      ['/shop/y', now],
      ['/shop', now + 60_000],
    ] as const) {
      expect(again.cookieHeader(path, at)).toBe(jar.cookieHeader(path, at));
    }
  });

  it.each(['', 'rubbish', '[]', '{"cookies":7}', 'null'])(
    'begins empty when its serialised form is %j',
    (text) => {
      expect(openJar(text, site).cookieHeader('/', now)).toBeNull();
    },
  );

  it('stays within its bounds and never breaks a header, whatever the app sets', () => {
    const name = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'act_as', '__Host-z');
    const attribute = fc.constantFrom(
      '; Path=/',
      '; Path=/a',
      '; Max-Age=5',
      '; Max-Age=-5',
      '; Max-Age=x',
      '; Domain=market.example',
      '; Secure',
      '; Expires=never',
      '; SameSite=Strict',
      ';;;=',
    );
    const setCookie = fc
      .tuple(name, fc.string({ maxLength: 10 }), fc.array(attribute, { maxLength: 4 }))
      .map(([key, value, attributes]) => `${key}=${value}${attributes.join('')}`);
    fc.assert(
      fc.property(fc.array(setCookie, { maxLength: 80 }), (setCookies) => {
        const jar = jarWith(setCookies);
        const header = jar.cookieHeader('/a', now) ?? '';
        expect(header).not.toMatch(/\p{Cc}|act_as/u);
        expect(header.split('; ').length).toBeLessThanOrEqual(50);
        expect(openJar(jar.serialise(), site).cookieHeader('/a', now)).toBe(jar.cookieHeader('/a', now));
      }),
    );
  });
});
