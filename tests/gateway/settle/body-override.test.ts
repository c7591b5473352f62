/** A wish for another method in a body: taken out byte for byte where that is certain, noticed wherever some stack would look. */
import { describe, expect, test } from 'vitest';
import { bodyOverride } from '../../../gateway/settle/body-override.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MULTIPART = 'multipart/form-data; boundary=x';

function part(name: string, value: string): string {
  return `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

function find(
  type: string | null,
  text: string,
): { kind: string; wishes?: readonly string[]; without?: string } {
  const found = bodyOverride(type, Buffer.from(text, 'utf8'));
  return found.kind === 'certain' ? { ...found, without: found.without.toString('utf8') } : found;
}

describe('a wish of its own is taken out, and nothing else is touched', () => {
  const cases: readonly (readonly [type: string, body: string, wish: string, without: string])[] = [
    [FORM, '_method=DELETE', 'DELETE', ''],
    [FORM, '?_method=PUT', 'PUT', ''],
    [FORM, 'a=%41+b&_method=PUT&c=50%&d', 'PUT', 'a=%41+b&c=50%&d'],
    [FORM, '%5Fm%65thod=put&a=1', 'put', 'a=1'],
    [FORM, 'a=1&.method=PUT', 'PUT', 'a=1'],
    [`${FORM}; charset=utf-8`, 'a=1&_method[]=PUT', 'PUT', 'a=1'],
    [JSON_TYPE, '{"_method":"PUT"}', 'PUT', '{}'],
    [
      JSON_TYPE,
      '{ "n": 12345678901234567890, "_method" : "PUT" , "x":1.0 }',
      'PUT',
      '{ "n": 12345678901234567890, "x":1.0 }',
    ],
    [
      JSON_TYPE,
      '{"ä":"}, \\"_x\\":","\\u005fMETHOD":"PUT","b":{"c":[1]}}',
      'PUT',
      '{"ä":"}, \\"_x\\":","b":{"c":[1]}}',
    ],
    ['application/vnd.api+json', '{"a":1,"a":2,"_method":"PUT"}', 'PUT', '{"a":1,"a":2}'],
    [
      MULTIPART,
      `${part('a', '1')}${part('_method', 'PUT')}${part('b', '\0ÿ')}--x--\r\n`,
      'PUT',
      `${part('a', '1')}${part('b', '\0ÿ')}--x--\r\n`,
    ],
  ];
  test.each(cases)('%s: %j', (type, body, wish, without) => {
    expect(find(type, body)).toEqual({ kind: 'certain', wishes: [wish], without });
  });
});

describe('a wish that may be one is never overlooked', () => {
  const cases: readonly (readonly [type: string | null, body: string])[] = [
    [FORM, 'a=1;_method=PUT'],
    [FORM, 'a=1\r\n_method=PUT'],
    [FORM, '_method%00=PUT'],
    [FORM, '\ufeff_method=PUT'],
    [FORM, '{"_method":"PUT"}'],
    [FORM, 'a={"_method":"PUT"}&_method=DELETE'],
    [JSON_TYPE, '_method=PUT'],
    [JSON_TYPE, '{"_method":"PUT",}'],
    [JSON_TYPE, "{'_method':'PUT'}"],
    [JSON_TYPE, '{_method:"PUT"}'],
    [JSON_TYPE, '{/**/"_method":"PUT"}'],
    [JSON_TYPE, '\ufeff{"_method":"PUT"}'],
    ['application/json; charset=utf-16', '{\0"\0_\0m\0e\0t\0h\0o\0d\0"\0:\0"\0P\0U\0T\0"\0}\0'],
    ['text/plain', '_method=PUT'],
    ['text/plain', `${'x'.repeat(100_000)}&_method=PUT`],
    ['image/png', '{"_method":"PUT"}'],
    [null, 'a=1&_method=PUT'],
    [MULTIPART, `${part('a', '1')}${part('\\_method', 'PUT')}--x--\r\n`],
    [MULTIPART, part('_method', 'PUT').replaceAll('\r\n', '\n')],
    [MULTIPART, `${part('a', '1')}--x--\r\n${part('_method', 'PUT')}`],
    [MULTIPART, `--x\r\nContent-Disposition: form-data; name*=utf-8''%5Fmethod\r\n\r\nPUT\r\n--x--\r\n`],
    ['multipart/form-data; boundary=y; boundary=x', `${part('a', '1')}${part('_method', 'PUT')}--x--\r\n`],
    ['multipart/mixed; boundary=x', `${part('a', '1')}${part('_method', 'PUT')}--x--\r\n`],
  ];
  test.each(cases)('%s: %j', (type, body) => {
    expect(find(type, body)).toEqual({ kind: 'uncertain' });
  });
});

describe('what only looks like a wish is left alone', () => {
  const cases: readonly (readonly [type: string | null, body: string])[] = [
    [FORM, 'method=van&shipping_method=pickup&payment[method]=card'],
    [FORM, 'note=please+use+the+_method&email=a%40b.example'],
    [JSON_TYPE, '{"method":"van","note":"_method=PUT","deep":{"_method":"PUT"}}'],
    [JSON_TYPE, '[{"_method":"PUT"}]'],
    [MULTIPART, `${part('method', 'van')}${part('note', '_method')}--x--\r\n`],
    ['text/plain', 'the method: boil, then peel'],
    ['application/octet-stream', '\0\x01\x02'],
    [null, ''],
  ];
  test.each(cases)('%s: %j', (type, body) => {
    expect(find(type, body)).toEqual({ kind: 'none' });
  });
});

test('looking takes no longer than reading, whatever a body is made of', () => {
  for (const piece of ['method', '%41', 'name=', '"method":', 'a&', '\\', '"', '{', '--x\r\n', 'm\0'])
    for (const type of [FORM, JSON_TYPE, MULTIPART, null]) {
      const body = Buffer.from(piece.repeat(2 ** 18 / piece.length));
      const started = process.cpuUsage();
      bodyOverride(type, Buffer.concat([body, Buffer.from('method')]));
      expect(process.cpuUsage(started).user / 1000, `${type} of ${piece}`).toBeLessThan(1_000);
    }
});
