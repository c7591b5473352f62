/** One canonical reading of a path: what honest clients send keeps working, what has two meanings is named. */
import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settlePath } from '../../policy/index.ts';

describe('an honest path', () => {
  const table = [
    // as sent, canonical, decoded segments
    ['/', '/', []],
    ['/market', '/market', ['market']],
    ['/api/orders/', '/api/orders/', ['api', 'orders']],
    ['/API/Orders', '/API/Orders', ['API', 'Orders']],
    ['/a%20b/c', '/a%20b/c', ['a b', 'c']],
    ['/caf%c3%a9', '/caf%C3%A9', ['café']],
    ['/cafe%CC%81', '/cafe%CC%81', ['cafe\u0301']],
    ['/%E3%83%AA%E3%83%B3%E3%82%B4', '/%E3%83%AA%E3%83%B3%E3%82%B4', ['リンゴ']],
    ['/%F0%9F%8D%8E', '/%F0%9F%8D%8E', ['🍎']],
    ['/%F0%9F%91%A8%E2%80%8D%F0%9F%8C%BE', '/%F0%9F%91%A8%E2%80%8D%F0%9F%8C%BE', ['👨\u200d🌾']],
    ['/s%C3%BC%C3%9Fe-fr%C3%BCchte', '/s%C3%BC%C3%9Fe-fr%C3%BCchte', ['süße-früchte']],
    ['/stra%C3%9Fe', '/stra%C3%9Fe', ['straße']],
    ['/%C4%B1%C5%9F%C4%B1k', '/%C4%B1%C5%9F%C4%B1k', ['ışık']],
    ['/%EF%BC%91%EF%BC%90%E5%86%86', '/%EF%BC%91%EF%BC%90%E5%86%86', ['１０円']],
    ['/%7euser/%41%2d%2E%5fz', '/~user/A-._z', ['~user', 'A-._z']],
    ['/users/sam@valley.example', '/users/sam@valley.example', ['users', 'sam@valley.example']],
    ["/a!$&'()*+,=:b", "/a!$&'()*+,=:b", ["a!$&'()*+,=:b"]],
    ['/a%21%28', '/a%21%28', ['a!(']],
    ['/filter[x]', '/filter[x]', ['filter[x]']],
    ['/100%25', '/100%25', ['100%']],
    ['/app.3f9a.js', '/app.3f9a.js', ['app.3f9a.js']],
    ['/.well-known/x', '/.well-known/x', ['.well-known', 'x']],
    ['/...x', '/...x', ['...x']],
    ['/__proto__/constructor', '/__proto__/constructor', ['__proto__', 'constructor']],
  ] as const;
  for (const [sent, canonical, segments] of table)
    it(`${sent} is ${canonical}`, () =>
      expect(settlePath(sent)).toMatchObject({ canonical, segments, faults: [] }));

  it('keeps its trailing slash', () => {
    expect(settlePath('/a/').trailingSlash).toBe(true);
    expect(settlePath('/a').trailingSlash).toBe(false);
    expect(settlePath('/').trailingSlash).toBe(false);
  });
});

describe('a path with two meanings', () => {
  const table = [
    // as sent, faults, a reading that must be among the loose ones
    ['', ['not_origin_form'], '/'],
    ['*', ['not_origin_form'], '/*'],
    ['api/password', ['not_origin_form'], '/api/password'],
    ['http://host/api/password', ['not_origin_form', 'empty_segment'], '/api/password'],
    ['//host/api/password', ['empty_segment'], '/api/password'],
    ['//api/password', ['empty_segment'], '/api/password'],
    ['/api//password', ['empty_segment'], '/api/password'],
    ['/api/password//', ['empty_segment'], '/api/password'],
    ['/./api/password', ['dot_segment'], '/api/password'],
    ['/x/../api/password', ['dot_segment'], '/api/password'],
    ['/x/%2e%2E/api/password', ['dot_segment'], '/api/password'],
    ['/x/.%2e/api/password', ['dot_segment'], '/api/password'],
    ['/x//../api/password', ['empty_segment', 'dot_segment'], '/x/api/password'],
    ['/x/..;a/api/password', ['path_parameter', 'dot_segment'], '/api/password'],
    ['/;a/api/password', ['path_parameter'], '/api/password'],
    ['/api/password;a=1', ['path_parameter'], '/api/password'],
    ['/api/password%3ba', ['encoded_delimiter'], '/api/password'],
    ['/a/%3bx/;y/z', ['path_parameter', 'encoded_delimiter'], '/a/;x/z'],
    ['/a/%253bx/;y/z', ['path_parameter', 'double_encoding'], '/a/;x/z'],
    ['/api/password%3fa', ['encoded_delimiter'], '/api/password'],
    ['/api/password%23a', ['encoded_delimiter'], '/api/password'],
    ['/api/password#a', ['bad_character'], '/api/password'],
    ['/api%2fpassword', ['encoded_slash'], '/api/password'],
    ['/x%2f..%2fapi%2fpassword', ['encoded_slash', 'dot_segment'], '/api/password'],
    ['/api%5Cpassword', ['encoded_backslash'], '/api/password'],
    ['/api\\password', ['bad_character'], '/api/password'],
    ['/x\\..\\api/password', ['bad_character', 'dot_segment'], '/api/password'],
    ['/api/password%00', ['encoded_control'], '/api/password'],
    ['/api/password%00.png', ['encoded_control'], '/api/password'],
    ['/api/pass%0aword', ['encoded_control'], '/api/password'],
    ['/api/password%7f', ['encoded_control'], '/api/password'],
    ['/api/password%C2%85', ['encoded_control'], '/api/password'],
    ['/api/password.', ['trailing_dot'], '/api/password'],
    ['/api/password...', ['trailing_dot'], '/api/password'],
    ['/api/%20password', ['trailing_dot'], '/api/password'],
    ['/api/password%20', ['trailing_dot'], '/api/password'],
    ['/api/%20password%C2%A0', ['trailing_dot', 'confusable'], '/api/password'],
    ['/api/%2570assword', ['double_encoding'], '/api/password'],
    ['/api%252fpassword', ['double_encoding'], '/api/password'],
    ['/api%25252fpassword', ['double_encoding'], '/api/password'],
    ['/api%25%32%66password', ['double_encoding'], '/api/password'],
    ['/api%u002fpassword', ['bad_percent', 'double_encoding'], '/api/password'],
    ['/api/%', ['bad_percent'], '/api/%'],
    ['/api/%zz', ['bad_percent'], '/api/%zz'],
    ['/api/%4', ['bad_percent'], '/api/%4'],
    ['/api%c0%afpassword', ['bad_utf8'], '/api/password'],
    ['/api%e0%80%afpassword', ['bad_utf8'], '/api/password'],
    ['/x/%c0%ae%c0%ae/api/password', ['bad_utf8'], '/api/password'],
    ['/api/pass%c1%b7ord', ['bad_utf8'], '/api/password'],
    ['/%ff', ['bad_utf8'], '/\ufffd'],
    ['/%ed%a0%80', ['bad_utf8'], '/\ufffd\ufffd\ufffd'],
    ['/api/%EF%BD%90assword', ['confusable'], '/api/password'],
    ['/api/pa%C5%BFsword', ['confusable'], '/api/password'],
    ['/api/%E2%84%AAey', ['confusable'], '/api/key'],
    ['/api/pass%C2%ADword', ['confusable'], '/api/password'],
    ['/api/pass%E2%80%8Bword', ['confusable'], '/api/password'],
    ['/api%EF%BC%8Fpassword', ['confusable'], '/api/password'],
    ['/x/%E2%80%A4%E2%80%A4/api/password', ['confusable'], '/api/password'],
    ['/api/p assword', ['bad_character'], '/api/p assword'],
    ['/api/<b>', ['bad_character'], '/api/<b>'],
    ['/café', ['bad_character'], '/café'],
    ['/\ud800', ['bad_character'], '/\ud800'],
  ] as const;
  for (const [sent, faults, reading] of table)
    it(`${JSON.stringify(sent)} is ${faults.join(' and ')}`, () => {
      const settled = settlePath(sent);
      expect(settled.faults.toSorted()).toEqual(faults.toSorted());
      expect(settled.loose).toContain(reading);
    });
});

describe('the forms that rules which forbid compare with', () => {
  it('are folded, without trailing slash, and once without a suffix', () => {
    expect(settlePath('/API/Cart.json/').loose).toEqual(['/api/cart.json', '/api/cart']);
    expect(settlePath('/').loose).toEqual(['/']);
    expect(settlePath('/api/.hidden').loose).toContain('/api/.hidden');
    expect(settlePath('/STRA%C3%9FE').loose).toEqual(['/strasse']);
    expect(settlePath('/cafe%CC%81').loose).toEqual(settlePath('/caf%C3%A9').loose);
  });
  it('keep an encoded slash inside its segment too, where a server would', () => {
    expect(settlePath('/files/a%2Fb/c').loose).toEqual(
      expect.arrayContaining(['/files/a%2fb/c', '/files/a/b/c']),
    );
  });
});

describe('whatever the text', () => {
  const piece = oneof(
    constantFrom(
      ...'/ . .. ; // %2f %2F %5c \\ %00 %25 %252e %2e % %c0%af %ff %C3%A9 %EF%BD%90 %u0041 a A password .json ? # : @ é \ud800'.split(
        ' ',
      ),
    ),
    string({ unit: 'binary', maxLength: 3 }),
  );
  const anyPath = oneof(
    array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
    string({ unit: 'binary' }),
  );

  it('settling twice is settling once', () => {
    assert(
      property(anyPath, (path) => {
        const once = settlePath(path);
        const twice = settlePath(once.canonical);
        expect(twice.canonical).toBe(once.canonical);
        expect(twice.segments).toEqual(once.segments);
        expect(twice.trailingSlash).toBe(once.trailingSlash);
      }),
      { numRuns: 5000 },
    );
  });

  it('the canonical form is plain ASCII that starts with a slash and holds nothing to cut it short', () => {
    assert(
      property(anyPath, (path) => {
        const { canonical, loose } = settlePath(path);
        expect(canonical).toMatch(/^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@[\]/]|%[0-9A-F]{2})*$/);
        expect(loose.length).toBeGreaterThan(0);
        expect(loose.length).toBeLessThanOrEqual(65);
      }),
      { numRuns: 5000 },
    );
  });

  it('a path without faults says the same to a server that decodes it as to one that does not need to', () => {
    assert(
      property(anyPath, (path) => {
        const { canonical, segments, trailingSlash, faults } = settlePath(path);
        if (faults.length > 0) return;
        const url = new URL(canonical, 'http://host');
        expect(url.pathname).toBe(canonical);
        expect(decodeURIComponent(canonical)).toBe(`/${segments.join('/')}${trailingSlash ? '/' : ''}`);
      }),
      { numRuns: 5000 },
    );
  });

  it('takes no longer than a blink for eight kilobytes of the worst', () => {
    const times: number[] = [];
    for (const worst of ['/%2f..;', '/..', '/%25252e', ';/', '\\', '%c0%af', '/a.b;c', '%EF%BD%90/']) {
      const path = `/${worst.repeat(8192 / worst.length)}`;
      const started = process.threadCpuUsage().user;
      expect(settlePath(path).loose.length).toBeGreaterThan(0);
      times.push((process.threadCpuUsage().user - started) / 1000);
    }
    expect(Math.max(...times)).toBeLessThan(150);
  });
});
