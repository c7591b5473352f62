/** What rules see of a body, and which bodies have no single meaning. */
import { describe, expect, it } from 'vitest';
import { parseBody, type ParsedBody } from '../../../policy/index.ts';

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const read = (type: string | null, body: string | Uint8Array): Promise<ParsedBody> =>
  parseBody(type, typeof body === 'string' ? Buffer.from(body) : body);

describe('JSON', () => {
  it.each([
    ['{"a":1,"b":[true,null,"x"]}', { a: 1, b: [true, null, 'x'] }],
    [' {"a" : 0.5 } \n', { a: 0.5 }],
    ['"\\u0061\\n"', 'a\n'],
    ['-12', -12],
    ['{"süß":"é"}', { süß: 'é' }],
    ['{"__proto__":1}', Object.fromEntries([['__proto__', 1]])],
  ])('%s is read', async (text, value) =>
    expect(await read(JSON_TYPE, text)).toEqual({ kind: 'json', value }),
  );

  it.each(['1e3', '1E+2', '-0', '-0.0', '123456789012345678901234567890', '0.12345678901234567'])(
    'the number %s is marked by what was written',
    async (text) => {
      const body = await read(JSON_TYPE, `[${text}]`);
      const [value] = body.kind === 'json' && Array.isArray(body.value) ? (body.value as unknown[]) : [];
      expect(typeof value === 'symbol' && value.description).toBe(text);
    },
  );

  const faults: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['a duplicate key', '{"a":1,"a":2}', 'body_duplicate_key'],
    ['one in another letter case', '{"a":1,"A":2}', 'body_duplicate_key'],
    ['one with the long s, which Go takes for an s', '{"s":1,"\u017f":2}', 'body_duplicate_key'],
    ['one with the sign for kelvin', '{"k":1,"\u212a":2}', 'body_duplicate_key'],
    ['one that is escaped', '{"a":1,"\\u0061":2}', 'body_duplicate_key'],
    ['one further down', '[{"x":{"a":1,"a":2}}]', 'body_duplicate_key'],
    ['a comment', '{"a":1}/*x*/', 'body_not_json'],
    ['a comma too many', '[1,]', 'body_not_json'],
    ['NaN', '[NaN]', 'body_not_json'],
    ['a leading zero', '[01]', 'body_not_json'],
    ['a bare point', '[.5]', 'body_not_json'],
    ['single quotes', "{'a':1}", 'body_not_json'],
    ['a bare control character', '["\n"]', 'body_not_json'],
    ['two values', '1 2', 'body_not_json'],
    ['an open end', '{"a":1', 'body_not_json'],
    ['a key with a NUL', '{"a\\u0000":1}', 'body_not_json'],
    ['blanks alone', '  ', 'body_not_json'],
    ['a byte order mark', '\ufeff{}', 'body_bom'],
    ['UTF-16 with its mark', Buffer.from('\ufeff{}', 'utf16le'), 'body_bom'],
    ['UTF-16 without', Buffer.from('{}', 'utf16le'), 'body_not_json'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'body_not_utf8'],
    ['33 levels', `${'['.repeat(34)}${']'.repeat(34)}`, 'body_too_deep'],
  ];
  it.each(faults)('%s is a fault', async (_, text, fault) =>
    expect(await read(JSON_TYPE, text)).toEqual({ kind: 'unreadable', fault }),
  );

  it('may have a name as long as it is, whose accents a normalizer would sort for minutes', async () => {
    const name = `a${'\u0315\u0300'.repeat(250_000)}`;
    expect(await read(JSON_TYPE, JSON.stringify({ [name]: 1 }))).toEqual({
      kind: 'json',
      value: { [name]: 1 },
    });
  });
  it('may be a megabyte of text, or nested 32 deep', async () => {
    expect(await read(JSON_TYPE, JSON.stringify('x\\'.repeat(500_000)))).toMatchObject({ kind: 'json' });
    expect(await read(JSON_TYPE, `${'['.repeat(32)}${']'.repeat(32)}`)).toMatchObject({ kind: 'json' });
  });
});

describe('a content type', () => {
  it.each([
    ['application/json', 'json'],
    ['APPLICATION/JSON; charset=UTF-8', 'json'],
    ['application/merge-patch+json;charset="utf-8"', 'json'],
    ['text/plain', 'opaque'],
    [null, 'opaque'],
  ])('%s is %s', async (type, kind) => expect((await read(type, '{}')).kind).toBe(kind));

  it.each([
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json\t;x=y',
    'json',
    '',
    'multipart/form-data',
  ])('%s says too much, or too little', async (type) =>
    expect(await read(type, '{}')).toEqual({ kind: 'unreadable', fault: 'content_type' }),
  );

  it('does not matter where there is no body', async () =>
    expect(await read('nonsense', '')).toEqual({ kind: 'none' }));
});

describe('a form', () => {
  it('is read field by field, lists where the name says so', async () =>
    expect(await read(FORM, 'a=1&b=x+y%C3%A9&c[]=1&c[]=2&d&e[f]=3')).toEqual({
      kind: 'form',
      fields: { a: '1', b: 'x yé', 'c[]': ['1', '2'], d: '', 'e[f]': '3' },
    }));

  it.each([
    ['a=1&a=2', 'body_duplicate_key'],
    ['a=1&A=2', 'body_duplicate_key'],
    ['s=1&%c5%bf=2', 'body_duplicate_key'],
    ['a=1&%61=2', 'body_duplicate_key'],
    ['a=1&a[0]=2', 'body_duplicate_key'],
    ['a[]=1&a=2', 'body_duplicate_key'],
    ['a.b=1&a_b=2', 'body_duplicate_key'],
    ['a=1;b=2', 'body_not_form'],
    ['?query=1', 'body_not_form'],
    ['a=%zz', 'body_not_form'],
    ['a=%ff', 'body_not_form'],
    ['a\r\n=1', 'body_not_form'],
    ['a%00=1', 'body_not_form'],
    ['=1', 'body_not_form'],
    [Array.from({ length: 1001 }, (_, n) => `f${n}=1`).join('&'), 'body_too_many_fields'],
  ])('%.20s has a fault', async (text, fault) =>
    expect(await read(FORM, text)).toEqual({ kind: 'unreadable', fault }),
  );
});

describe('a multipart form', () => {
  const TYPE = 'multipart/form-data; boundary=b';
  const part = (head: string, value = 'x'): string =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;

  it('is read field by field; of a file what it is, not what it says', async () =>
    expect(
      await read(
        TYPE,
        `${part('name="a"', '1')}${part('name="c[]"')}${part('name="c[]"', 'y')}${part(
          'name="f"; filename="n.txt"\r\nContent-Type: text/plain',
          'four',
        )}--b--\r\n`,
      ),
    ).toEqual({
      kind: 'form',
      fields: { a: '1', 'c[]': ['x', 'y'], f: { filename: 'n.txt', type: 'text/plain', size: 4 } },
    }));

  it.each([
    ['a duplicate field', `${part('name="a"')}${part('name="a"')}--b--`, 'body_duplicate_key'],
    ['a preamble', `hello\r\n${part('name="a"')}--b--`, 'body_not_form'],
    ['an epilogue', `${part('name="a"')}--b--\r\nmore`, 'body_not_form'],
    ['no end', part('name="a"'), 'body_not_form'],
    ['a part without a name', `${part('filename="a"')}--b--`, 'body_not_form'],
    ['a name in two spellings', `${part('name="a"; name*=utf-8\'\'b')}--b--`, 'body_not_form'],
    ['an escaped name', `${part('name="a\\"b"')}--b--`, 'body_not_form'],
    ['a transfer encoding', `${part('name="a"\r\nContent-Transfer-Encoding: base64')}--b--`, 'body_not_form'],
    [
      'a charset of its own',
      `${part('name="a"\r\nContent-Type: text/plain; charset=utf-7')}--b--`,
      'body_not_form',
    ],
    [
      'bytes that are no UTF-8',
      Buffer.concat([
        Buffer.from(part('name="a"').slice(0, -3)),
        Buffer.from([0xff]),
        Buffer.from('\r\n--b--'),
      ]),
      'body_not_form',
    ],
  ])('with %s has a fault', async (_, body, fault) =>
    expect(await read(TYPE, body)).toEqual({ kind: 'unreadable', fault }),
  );
});
