import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admitDecoration, type PolicyNeeds } from '../../../gateway/decorate/content-security-policy.ts';

const NEEDS: PolicyNeeds = {
  origin: 'https://m.example',
  nonce: 'N0nce',
  scripts: 'https://m.example/_act-as/browser/',
  requests: 'https://m.example/_act-as/',
  forms: 'https://m.example/_act-as/stop',
};
const N = "'nonce-N0nce'";
const S = NEEDS.scripts;
const R = NEEDS.requests;
const F = NEEDS.forms;

const TABLE: readonly (readonly [story: string, policy: string, admitted: string])[] = [
  [
    'nothing that concerns us is left as it is',
    "img-src 'self';  frame-ancestors 'none' ;",
    "img-src 'self';  frame-ancestors 'none' ;",
  ],
  ['an empty value stays empty', '', ''],
  [
    'the strictest policy gets just what is needed',
    "default-src 'none'; form-action 'none'",
    `default-src 'none'; form-action ${F}; style-src ${N}; script-src ${N}; connect-src ${R}`,
  ],
  ["'self' needs only the style", "default-src 'self'", `default-src 'self'; style-src 'self' ${N}`],
  [
    'a fallback is copied, never widened itself',
    'default-src https://cdn.example',
    `default-src https://cdn.example; style-src https://cdn.example ${N}; script-src https://cdn.example ${N}; connect-src https://cdn.example ${R}`,
  ],
  ['script nonces of the page stay', "script-src 'nonce-theirs'", `script-src 'nonce-theirs' ${N}`],
  ['hashes of the page stay', "script-src 'sha256-AAAA'", `script-src 'sha256-AAAA' ${N}`],
  [
    'strict-dynamic makes addresses void, so a nonce it is',
    "script-src 'strict-dynamic' 'nonce-theirs' 'unsafe-inline' https: 'self'",
    `script-src 'strict-dynamic' 'nonce-theirs' 'unsafe-inline' https: 'self' ${N}`,
  ],
  [
    "'unsafe-inline' that is in force is not switched off by a nonce",
    "script-src 'unsafe-inline' https://cdn.example; style-src 'unsafe-inline'",
    `script-src 'unsafe-inline' https://cdn.example ${S}; style-src 'unsafe-inline'`,
  ],
  [
    "'unsafe-inline' with 'self' needs nothing at all",
    "default-src 'self' 'unsafe-inline'",
    "default-src 'self' 'unsafe-inline'",
  ],
  [
    "'unsafe-inline' beside a hash is not in force",
    "style-src 'unsafe-inline' 'sha384-AAAA'",
    `style-src 'unsafe-inline' 'sha384-AAAA' ${N}`,
  ],
  [
    "'unsafe-inline' as a fallback covers the style and leaves the script its address",
    "default-src 'unsafe-inline'",
    `default-src 'unsafe-inline'; script-src 'unsafe-inline' ${S}; connect-src 'unsafe-inline' ${R}`,
  ],
  [
    'the most specific directive is the one that counts',
    "default-src 'self'; script-src 'none'; script-src-elem 'none'; style-src-elem 'none'; style-src 'none'",
    `default-src 'self'; script-src 'none'; script-src-elem ${N}; style-src-elem ${N}; style-src 'none'`,
  ],
  [
    'script-src-attr is none of our business',
    "script-src-attr 'none'; style-src-attr 'none'",
    "script-src-attr 'none'; style-src-attr 'none'",
  ],
  [
    'names and keywords in any case',
    "Default-Src 'SELF'; STYLE-SRC 'Unsafe-Inline'",
    "Default-Src 'SELF'; STYLE-SRC 'Unsafe-Inline'",
  ],
  [
    'of two directives with one name the first counts',
    "style-src 'self'; style-src 'none'",
    `style-src 'self' ${N}; style-src 'none'`,
  ],
  [
    'connections to elsewhere only',
    'connect-src https://api.example',
    `connect-src https://api.example ${R}`,
  ],
  ['connections anywhere', 'connect-src *', 'connect-src *'],
  ['connections to our scheme', 'connect-src https:', 'connect-src https:'],
  ['connections to our origin', 'connect-src https://m.example', 'connect-src https://m.example'],
  ['an empty source list', 'connect-src', `connect-src ${R}`],
  ['forms only to the origin', "form-action 'self'", "form-action 'self'"],
  ['forms only to elsewhere', 'form-action https://pay.example', `form-action https://pay.example ${F}`],
  [
    'every one of several policies in one value',
    "script-src 'self', default-src 'none', img-src *",
    `script-src 'self',default-src 'none'; style-src ${N}; script-src ${N}; connect-src ${R}, img-src *`,
  ],
  [
    'directives of no concern are kept to the letter',
    "require-trusted-types-for 'script'; trusted-types foo; sandbox allow-scripts; report-uri /r; style-src 'none'; upgrade-insecure-requests",
    `require-trusted-types-for 'script'; trusted-types foo; sandbox allow-scripts; report-uri /r; style-src ${N}; upgrade-insecure-requests`,
  ],
];

describe('admitDecoration', () => {
  test.each(TABLE)('%s', (_story, policy, admitted) => {
    expect(admitDecoration(policy, NEEDS)).toBe(admitted);
  });

  test.each(TABLE)('is settled after once: %s', (_story, policy) => {
    const once = admitDecoration(policy, NEEDS);
    expect(admitDecoration(once, NEEDS).split(N).length).toBeLessThanOrEqual(2 * once.split(N).length);
    expect(new Set(tokens(admitDecoration(once, NEEDS)))).toEqual(new Set(tokens(once)));
  });

  test('whatever the policy: every source stays, and only our own are added', () => {
    const name = fc.constantFrom(
      'default-src',
      'script-src',
      'script-src-elem',
      'style-src',
      'style-src-elem',
      'style-src-attr',
      'connect-src',
      'form-action',
      'img-src',
      'worker-src',
      'frame-ancestors',
      'Script-Src',
      'report-uri',
    );
    const source = fc.constantFrom(
      "'none'",
      "'self'",
      "'unsafe-inline'",
      "'unsafe-eval'",
      "'strict-dynamic'",
      "'nonce-abc'",
      "'sha256-abc='",
      '*',
      'https:',
      'data:',
      'https://cdn.example',
      'https://m.example',
      '*.example',
      "'report-sample'",
      'wss://x.example:*',
    );
    const policy = fc
      .array(fc.tuple(name, fc.array(source, { maxLength: 4 })), { maxLength: 6 })
      .map((directives) =>
        directives.map(([directive, sources]) => [directive, ...sources].join(' ')).join('; '),
      );
    fc.assert(
      fc.property(fc.array(policy, { minLength: 1, maxLength: 3 }), (policies) => {
        const admitted = admitDecoration(policies.join(','), NEEDS).split(',');
        expect(admitted.length).toBe(policies.length);
        for (const [index, original] of policies.entries())
          compare(parse(original), parse(admitted[index] ?? ''));
      }),
      { numRuns: 2000 },
    );
  });
});

function compare(
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): void {
  for (const [directive, sources] of before) {
    const now = after.get(directive);
    expect(now ?? []).toEqual(expect.arrayContaining(sources.filter(notNone)));
    const added = (now ?? []).filter((source) => !sources.includes(source));
    expect([[], [N], [S], [R], [F]]).toContainEqual(added);
    // What switches something else off, or lets everything in, is never added.
    expect(added.includes(N) && inlineInForce(directive, sources)).toBe(false);
  }
  for (const [directive, sources] of after) {
    if (before.has(directive)) continue;
    const fallback = before.get('default-src') ?? [];
    expect(['style-src', 'script-src', 'connect-src']).toContain(directive);
    expect(sources.slice(0, -1)).toEqual(fallback.filter(notNone));
    expect([N, S, R]).toContain(sources.at(-1));
  }
}

function inlineInForce(directive: string, sources: readonly string[]): boolean {
  if (!sources.includes("'unsafe-inline'")) return false;
  if (sources.some((source) => /^'(nonce|sha)/.test(source))) return false;
  return !(directive.startsWith('script') && sources.includes("'strict-dynamic'"));
}

function notNone(source: string): boolean {
  return source !== "'none'";
}

function parse(policy: string): Map<string, readonly string[]> {
  const directives = new Map<string, readonly string[]>();
  for (const text of policy.split(';')) {
    const [name = '', ...sources] = text.trim().split(/\s+/);
    if (name !== '' && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
  }
  return directives;
}

function tokens(policy: string): string[] {
  return policy.split(/[\s;,]+/).filter(Boolean);
}
