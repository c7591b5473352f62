/** The policy's text in a body: where it must be, once, and with everything else as it was. */
import { describe, expect, it } from 'vitest';
import { amendBody } from '../../../gateway/acting/amend.ts';
import type { Amendments } from '../../../policy/index.ts';

const BOTH = { json: { '/order/note': 'By Mia' }, form: { note: 'By Mia' }, header: {} };
const JSON_ONLY = { ...BOTH, form: {} };
const FORM_ONLY = { ...BOTH, json: {} };
const JSON_TYPE = 'application/json; charset=utf-8';
const FORM = 'application/x-www-form-urlencoded';

function amended(type: string | null, body: string, amend: Amendments = BOTH): string {
  const result = amendBody(type, Buffer.from(body), amend);
  return result.ok ? result.bytes.toString() : result.fault;
}

describe('a JSON body', () => {
  it.each([
    ['{}', '{"order":{"note":"By Mia"}}'],
    ['{"order":{"note":"ring twice"}}', '{"order":{"note":"By Mia\\nring twice"}}'],
    [
      '{"order":{"n":1e400,"id":123456789012345678901}}',
      '{"order":{"n":1e400,"id":123456789012345678901,"note":"By Mia"}}',
    ],
    ['{"order":[]}', 'body_not_json'],
    ['[]', 'body_not_json'],
    ['', 'body_not_json'],
    ['{"order":', 'body_not_json'],
  ])('%s becomes %s', (body, expected) => expect(amended(JSON_TYPE, body)).toBe(expected));
});

describe('a form', () => {
  it.each([
    ['', 'note=By%20Mia'],
    ['qty=2&x=%zz', 'body_not_form'],
    ['qty=2&name=a+b%26c', 'qty=2&name=a+b%26c&note=By%20Mia'],
    ['note=ring+twice&qty=2', 'qty=2&note=By%20Mia%0D%0Aring%20twice'],
    ['note=&qty=2', 'qty=2&note=By%20Mia'],
    ['n%6Fte=x', 'note=By%20Mia%0D%0Ax'],
    ['note=a&note=b', 'body_duplicate_key'],
    ['Note=a', 'body_duplicate_key'],
    ['note[]=a', 'body_duplicate_key'],
    ['a b', 'body_not_form'],
  ])('%s becomes %s', (body, expected) => expect(amended(FORM, body)).toBe(expected));
});

it('what is neither cannot be amended, nor one where the rule knows the other only', () => {
  expect(amended('multipart/form-data; boundary=x', 'x')).toBe('body_not_json');
  expect(amended(null, '{}')).toBe('body_not_json');
  expect(amended('text/plain', 'x', FORM_ONLY)).toBe('body_not_form');
  expect(amended(FORM, 'a=1', JSON_ONLY)).toBe('body_not_json');
  expect(amended(JSON_TYPE, '{}', FORM_ONLY)).toBe('body_not_form');
});
