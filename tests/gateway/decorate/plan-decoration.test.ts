import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  planDecoration,
  readBrowserFiles,
  type ActingNotice,
  type AnswerHead,
  type AssistedNotice,
  type DecorationContext,
  type HeaderPair,
} from '../../../gateway/decorate/index.ts';
import { codingStreams } from '../../../gateway/decorate/content-coding.ts';
import type { Coding } from '../../../gateway/decorate/page-head.ts';
import { through } from './streams.ts';

const CONTEXT: DecorationContext = {
  origin: 'https://m.example',
  nonce: 'N0nce',
  now: 0,
  browser: readBrowserFiles(),
};
const ACTING: ActingNotice = {
  kind: 'acting',
  sessionId: 'session-1',
  subjectName: 'Sam Rivera',
  actorName: 'Mia Moreno',
  mode: 'full',
  idleLeftMs: 30 * 60_000,
  absoluteLeftMs: 120 * 60_000,
  returnTo: '/users/list',
  signOut: [],
  lock: null,
  atEnd: '',
  news: null,
};
const ASSISTED: AssistedNotice = {
  kind: 'assisted',
  actorFirstName: 'Mia',
  startedAt: Date.UTC(2026, 3, 18, 18, 15),
  idleExpiresAt: Date.UTC(2026, 3, 18, 18, 45),
  absoluteExpiresAt: Date.UTC(2026, 3, 18, 20, 15),
  timezone: 'America/New_York',
  paused: true,
};

function head(headers: Readonly<Record<string, string>> = {}, changes: Partial<AnswerHead> = {}): AnswerHead {
  return {
    method: 'GET',
    status: 200,
    headers: Object.entries({ 'Content-Type': 'text/html', ...headers }),
    ...changes,
  };
}

const typed = (...types: readonly string[]): AnswerHead => ({
  method: 'GET',
  status: 200,
  headers: types.map((type) => ['Content-Type', type]),
});

async function decorated(
  page: Buffer | string,
  notice: ActingNotice | AssistedNotice = ACTING,
): Promise<string> {
  const plan = planDecoration(head(), [notice], CONTEXT);
  return (await through([Buffer.from(page)], plan?.transforms ?? [])).toString();
}

describe('which answers are decorated', () => {
  test.each<[string, AnswerHead]>([
    ['a page', head()],
    ['a page with a charset', head({ 'Content-Type': 'Text/HTML; Charset="ISO-8859-1"' })],
    ['a page in Shift_JIS', head({ 'Content-Type': 'text/html;charset=shift_jis' })],
    ['a page that does not exist', head({}, { status: 404 })],
    ['a page that answers a form', head({}, { method: 'POST' })],
    ['a page that nobody may transform', head({ 'Cache-Control': 'public, no-transform' })],
    ['a page that is named but shown', head({ 'Content-Disposition': 'inline; filename="a.html"' })],
    ['a page in any coding we know', head({ 'Content-Encoding': 'BR' })],
    ['a page that says twice what it is', typed('text/html', 'text/html; charset=utf-8')],
    ['a page that says it twice in one line', head({ 'Content-Type': 'text/html, text/html' })],
    ['a page with something else before, and nonsense behind', typed('text/plain', 'text/html', 'foo')],
    ['a page without the semicolon', head({ 'Content-Type': 'text/html charset=utf-8' })],
    ['a page with a comma in its place', head({ 'Content-Type': 'text/html,charset=utf-8' })],
    ['a page under the old name of gzip', head({ 'Content-Encoding': 'x-gzip' })],
  ])('%s is', (_story, answer) => {
    expect(planDecoration(answer, [ACTING], CONTEXT)).not.toBeNull();
  });

  test.each<[string, AnswerHead]>([
    ['JSON', head({ 'Content-Type': 'application/json' })],
    ['XHTML', head({ 'Content-Type': 'application/xhtml+xml' })],
    ['an answer of no type', { method: 'GET', status: 200, headers: [] }],
    ['an answer that is text in the end', typed('text/html', 'text/plain')],
    ['an answer whose type only begins alike', head({ 'Content-Type': 'text/html/x' })],
    ['a page of which one type says UTF-16', typed('text/html', 'text/html;charset=utf-16')],
    ['an empty page in a coding', head({ 'Content-Encoding': 'gzip', 'Content-Length': '0' })],
    ['a page in UTF-16', head({ 'Content-Type': 'text/html; charset=UTF-16LE' })],
    ['a page in ISO-2022-JP', head({ 'Content-Type': "text/html; charset='iso-2022-jp'" })],
    ['an answer without body by method', head({}, { method: 'HEAD' })],
    ['no content', head({}, { status: 204 })],
    ['not modified', head({}, { status: 304 })],
    ['a redirect', head({}, { status: 303 })],
    ['a part of a page', head({ 'Content-Range': 'bytes 0-9/100' }, { status: 206 })],
    ['a range with a wrong status', head({ 'Content-Range': 'bytes 0-9/100' })],
    ['a download', head({ 'Content-Disposition': 'Attachment; filename=x.html' })],
    ['a coding we do not know', head({ 'Content-Encoding': 'compress' })],
    ['two codings', head({ 'Content-Encoding': 'gzip, br' })],
    ['an early hint', head({}, { status: 103 })],
  ])('%s is not', (_story, answer) => {
    expect(planDecoration(answer, [ACTING], CONTEXT)).toBeNull();
  });

  test('nothing is done where there is nothing to add', () => {
    expect(planDecoration(head(), [], CONTEXT)).toBeNull();
  });
});

describe('the head of a decorated page', () => {
  test('loses what was true only of the upstream’s bytes, may not be stored, and keeps the rest in order', () => {
    const headers: HeaderPair[] = [
      ['Content-Type', 'text/html'],
      ['Content-Length', '12'],
      ['ETag', '"a"'],
      ['Set-Cookie', 'a=1'],
      ['Last-Modified', 'Sat, 18 Apr 2026 00:00:00 GMT'],
      ['Accept-Ranges', 'bytes'],
      ['Set-Cookie', 'b=2'],
      ['Cache-Control', 'public, max-age=600'],
      ['Expires', 'Sat, 18 Apr 2027 00:00:00 GMT'],
      ['Content-Encoding', 'gzip'],
      ['Vary', 'Accept-Encoding'],
    ];
    expect(planDecoration({ method: 'GET', status: 200, headers }, [ACTING], CONTEXT)?.headers).toEqual([
      ['Content-Type', 'text/html'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Encoding', 'gzip'],
      ['Vary', 'Accept-Encoding'],
      ['cache-control', 'no-store'],
    ]);
  });

  test('admits our elements in each policy, those that only report included', () => {
    const headers: HeaderPair[] = [
      ['content-type', 'text/html'],
      ['Content-Security-Policy', "style-src 'self'"],
      ['content-security-policy', "style-src 'none'"],
      ['Content-Security-Policy-Report-Only', "style-src 'self'"],
    ];
    const plan = planDecoration({ method: 'GET', status: 200, headers }, [ACTING], CONTEXT);
    expect(plan?.headers.slice(1, 4).map(([, value]) => value)).toEqual([
      "style-src 'self' 'nonce-N0nce'",
      "style-src 'nonce-N0nce'",
      "style-src 'self' 'nonce-N0nce'",
    ]);
  });
});

type Codec = {
  readonly name: Coding;
  readonly code: (page: Buffer) => Buffer;
  readonly decode: (page: Buffer) => Buffer;
};
const CODECS: readonly Codec[] = [
  { name: 'identity', code: (page) => page, decode: (page) => page },
  { name: 'gzip', code: zlib.gzipSync, decode: zlib.gunzipSync },
  { name: 'deflate', code: zlib.deflateSync, decode: zlib.inflateSync },
  { name: 'br', code: (page) => zlib.brotliCompressSync(page), decode: zlib.brotliDecompressSync },
  {
    name: 'zstd',
    code: (page) => zlib.zstdCompressSync(page),
    decode: (page) => zlib.zstdDecompressSync(page),
  },
];
const PAGE = Buffer.from('<!doctype html><title>Über uns</title><body class="a>b">Gemüse &amp; Obst</body>');

describe.each(CODECS)('a page in $name', ({ name, code, decode }) => {
  const plan = (): NonNullable<ReturnType<typeof planDecoration>> => {
    const made = planDecoration(head({ 'Content-Encoding': name }), [ACTING], CONTEXT);
    if (made === null) throw new Error('this page is to be decorated');
    return made;
  };

  test('comes out in the same coding, wherever it is split', async () => {
    const coded = code(PAGE);
    const whole = decode(await through([coded], plan().transforms)).toString();
    expect(whole.replace(/<act-as-frame.*<\/script>/s, '')).toBe(PAGE.toString());
    expect(whole.startsWith('<!doctype html><title>Über uns</title><body class="a>b"><act-as-frame ')).toBe(
      true,
    );
    for (let at = 1; at < coded.length; at += 1) {
      const out = await through([coded.subarray(0, at), coded.subarray(at)], plan().transforms);
      expect(decode(out).toString(), `split at ${at}`).toBe(whole);
    }
  });

  test('reaches the browser before the page is over', async () => {
    const coder = codingStreams(name).encode;
    const first = await firstPiece(coder, PAGE.subarray(0, 70));
    const { transforms } = plan();
    const [entry] = transforms;
    for (const [index, stream] of transforms.entries()) {
      const next = transforms[index + 1];
      if (next) stream.pipe(next);
    }
    const arrived: Buffer[] = [];
    const exit = transforms.at(-1);
    const seen = new Promise<void>((resolve) => {
      exit?.on('data', (chunk: Buffer) => {
        arrived.push(chunk);
        if (decodedSoFar(name, Buffer.concat(arrived)).includes('</script>')) resolve();
      });
    });
    entry.write(first);
    await seen;
    expect(decodedSoFar(name, Buffer.concat(arrived))).toContain('Sam Rivera');
    for (const stream of transforms) stream.destroy();
  });

  test.runIf(name !== 'identity')(
    'that breaks off in the middle ends in an error, not in half a page',
    async () => {
      const coded = code(Buffer.concat([PAGE, Buffer.alloc(5000, 'x<p>')]));
      await expect(through([coded.subarray(0, coded.length - 9)], plan().transforms)).rejects.toThrow(
        /unexpected end/,
      );
    },
  );

  test.runIf(name !== 'identity')('that is no such coding ends in an error', async () => {
    await expect(
      through([Buffer.from('<html>not compressed at all</html>')], plan().transforms),
    ).rejects.toThrow(/./);
  });

  test.runIf(name !== 'identity')('that unpacks beyond all bounds is cut off', async () => {
    const bomb = code(Buffer.alloc(2_000_000));
    const { decode: streams } = codingStreams(name, 1_000_000);
    await expect(through([bomb], streams)).rejects.toThrow(/larger than/);
  });
});

test('deflate without its zlib wrapper is understood, and goes out with it', async () => {
  const plan = planDecoration(head({ 'Content-Encoding': 'deflate' }), [ACTING], CONTEXT);
  const out = await through([zlib.deflateRawSync(PAGE)], plan?.transforms ?? []);
  expect(zlib.inflateSync(out).toString()).toContain('Gemüse');
});

describe('what is inserted', () => {
  test('is ASCII, whatever people are called', async () => {
    const page = await decorated('<body>', {
      ...ACTING,
      subjectName: '王 Ōé \u202e\u{1f34e}',
      actorName: 'M\u0000\ud800\u0085',
    });
    expect(page).toMatch(/^[\n\t\x20-\x7e]*$/);
    expect(page).toContain('&#x738b; &#x14c;&#xe9; &#x202e;&#x1f34e;');
    expect(page).toContain('<bdi>M&#xfffd;&#xfffd;&#xfffd;</bdi>');
  });

  test.each([
    '</template><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</act-as-frame></style><svg onload=alert(1)>',
    '<!--',
    '&lt;b&gt; \\u003cscript\\u003e \u2028\u2029',
    '${alert(1)} !{1}',
  ])('holds a name like %s as text only', async (name) => {
    const [page, plain] = [
      await decorated('<body>', { ...ACTING, subjectName: name, actorName: name, returnTo: name }),
      await decorated('<body>', { ...ACTING, subjectName: 'N', actorName: 'N', returnTo: 'N' }),
    ];
    expect(tags(page)).toEqual(tags(plain));
    const config =
      /data-config="([^"]*)"/
        .exec(page)?.[1]
        ?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))) ?? '';
    expect(config).not.toMatch(/[<>&'\u2028\u2029]/);
    expect(JSON.parse(config)).toMatchObject({ acting: { subjectName: name, returnTo: name } });
  });

  test('names the way out for people without a script', async () => {
    const page = await decorated('<body>');
    expect(page.replace(/\s+/g, ' ')).toContain('Stop acting as <bdi>Sam Rivera</bdi>');
    expect(page).toMatch(/<form\s+method="post"\s+action="https:\/\/m\.example\/_act-as\/stop"/);
    expect(page).toContain('30 minutes left');
  });

  test.each([
    [90_000, '2 minutes left'],
    [60_000, '1 minute left'],
    [59_000, 'less than a minute left'],
  ])('tells that %i ms are %s, whichever limit is nearer', async (ms, words) => {
    expect(await decorated('<body>', { ...ACTING, absoluteLeftMs: ms })).toContain(words);
    expect(await decorated('<body>', { ...ACTING, idleLeftMs: ms })).toContain(words);
  });

  test('tells the shopper who, since when and until when, in the market’s own time', async () => {
    const text = (await decorated('<body>', ASSISTED)).replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
    expect(text).toContain('Mia from your market is currently helping you.');
    expect(text).toContain('Started at 2:15 PM EDT.');
    expect(text).toContain('at 2:45 PM EDT unless continued, at 4:15 PM EDT at the latest.');
    expect(text).toContain('your cart and checkout are paused');
  });
});

async function firstPiece(coder: ReturnType<typeof codingStreams>['encode'], bytes: Buffer): Promise<Buffer> {
  const [stream] = coder;
  if (!stream) return bytes;
  stream.write(bytes);
  return new Promise((resolve) => stream.once('data', resolve));
}

/** Lenient about the end, which has not come yet. */
function decodedSoFar(name: string, bytes: Buffer): string {
  switch (name) {
    case 'gzip':
      return zlib.gunzipSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString();
    case 'deflate':
      return zlib.inflateSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString();
    case 'br':
      return zlib
        .brotliDecompressSync(bytes, { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH })
        .toString();
    case 'zstd':
      return zlib.zstdDecompressSync(bytes, { finishFlush: zlib.constants.ZSTD_e_flush }).toString();
    default:
      return bytes.toString();
  }
}

/** The tags of a page, but for the attribute that holds the configuration. */
function tags(text: string): string[] {
  return text.match(/<[^>]*>/g)?.map((tag) => tag.replace(/data-config="[^"]*"/, '')) ?? [];
}
