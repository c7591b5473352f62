import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseCookies, cookieValues } from '../../../gateway/identity/cookie-header.ts';

describe('choosing cookies', () => {
  it('keeps spelling, order and odd values as they came', () => {
    expect(chooseCookies(' b=2;a==x==; c ;a=', ['a', 'c'])).toBe('a==x==; c; a=');
  });

  it('knows names exactly', () => {
    expect(chooseCookies('SID=1; sid2=2; xsid=3', ['sid'])).toBeNull();
  });

  it('never lets a cookie of ours pass, whatever stands around it', () => {
    const piece = fc.constantFrom(
      'act_as=s3cret',
      ' __Host-act_as = s3cret',
      'ACT_AS=s3cret',
      'a=1',
      'sid=2',
      ' b="3',
      '"',
      '',
    );
    fc.assert(
      fc.property(
        fc.array(piece),
        fc.constantFrom('all' as const, ['sid'], ['act_as', 'sid']),
        (pieces, choice) => {
          expect(chooseCookies(pieces.join(';'), choice) ?? '').not.toContain('s3cret');
        },
      ),
    );
  });

  it('reads every value of a name, without quotes around it', () => {
    expect(cookieValues('t=a; x=b; t="c"; t=; T=d', 't')).toEqual(['a', 'c', '']);
    expect(cookieValues(null, 't')).toEqual([]);
  });
});
