import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { insertIntoBody, MAX_HEAD_BYTES } from '../../../gateway/decorate/insert-into-body.ts';
import { insertMark, MARK } from './streams.ts';

/** `^` stands where the piece belongs. */
const PLACES: readonly (readonly [story: string, page: string])[] = [
  ['after the body tag', '<!doctype html><html><head><title>a</title></head><body>^<p>x</p></body></html>'],
  [
    'after a body tag with attributes that look like tags',
    '<head></head><body data-x="a>b<body>" class=c>^x',
  ],
  ['after a body tag in capitals, over several lines', '<HEAD></HEAD>\r\n<BODY\r\n  CLASS="c"\r\n>^\r\nx'],
  ['not in a comment', '<!-- <body> --><head><!--<body>--></head><!-- <body> --><body>^'],
  ['not in a conditional comment', '<head><!--[if IE]><body class="ie"><![endif]--></head><body>^x'],
  ['not in a script', '<head><script>document.write("<body>")</script></head><body>^x'],
  ['not in a script that escapes', '<script><!-- <script>"<body>"</script> "<body>" --></script><body>^x'],
  ['not in a style', '<style>/* <body> */ a::after { content: "<body>" }</style><body>^x'],
  ['not in a title', '<title>How to use <body> well</title><body>^x'],
  [
    'not in a template of the head',
    '<head><template><div><body></div><template>x</template></template></head><body>^x',
  ],
  ['not in a noscript of the head', '<head><noscript><img src="x"><body></noscript></head><body>^x'],
  ['before the first text when tags are left out', '<!doctype html><title>t</title>^\nHello <b>you</b>'],
  [
    'before the first element of the body when tags are left out',
    '<!doctype html><meta charset=utf-8><title>t</title>^<h1>x</h1>',
  ],
  [
    'before a heading after the head, where the body tag is left out',
    '<html><head><title>t</title></head>\n^<h1>x</h1>',
  ],
  [
    'before an element that does not belong in a head',
    '<head><title>t</title>^<div>x</div></head><body><p>y',
  ],
  ['at a page that is only text', '^just words'],
  ['at the end of a page that is empty', '^'],
  ['at the end of a page without a body', '<!doctype html><html><head><title>t</title></head>^</html>'],
  ['before a tag that never ends', '<head></head>\n^<div class="x'],
  ['before a body’s end that has no start', '<head></head>^</body>'],
  ['after the body tag although a textarea shows another', '<body>^<textarea><body></textarea>'],
  [
    'after a head with an svg icon link and a base',
    '<head><base href="//elsewhere.example/"><link rel=icon href=x></head><body>^x',
  ],
  ['after a meaningless end tag', '</p></div><head></head><body>^x'],
  [
    'after a processing instruction',
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x/y"><body>^',
  ],
  ['where a self-closing head leaves off', '<html><head/><meta charset="utf-8"/><body>^x'],
];

describe('the place of the insertion', () => {
  test.each(PLACES)('is %s', async (_story, marked) => {
    const page = marked.replace('^', '');
    const result = await insertMark(page === '' ? [] : [page]);
    expect(result.page.toString()).toBe(marked.replace('^', MARK));
    expect(result.missed).toBe(false);
  });

  test.each(PLACES)('is the same wherever the page is split: %s', async (_story, marked) => {
    const page = Buffer.from(marked.replace('^', ''));
    const whole = await insertMark([page]);
    for (let at = 1; at < page.length; at += 1) {
      const parts = await insertMark([page.subarray(0, at), page.subarray(at)]);
      expect(parts.page.toString(), `split at ${at}`).toBe(whole.page.toString());
    }
    const bytes = await insertMark([...page].map((byte) => Buffer.from([byte])));
    expect(bytes.page.toString()).toBe(whole.page.toString());
  });

  test('is found whatever the pieces, and every byte of the page stays as it was', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<head>',
        '</head>',
        '<body a="b>">',
        '<script>"<body>"</script>',
        '<!-- <body>',
        '-->',
        '<title>',
      ),
      fc.constantFrom(
        '</title>',
        '<p>',
        'text',
        ' \r\n',
        '<template>',
        '</template>',
        '<!doctype html>',
        '\u00e9\u20ac',
        '<di',
      ),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (pieces, size) => {
          const page = Buffer.from(pieces.join('').replaceAll('[HERE]', ''));
          const chunks: Buffer[] = [];
          for (let at = 0; at < page.length; at += size) chunks.push(page.subarray(at, at + size));
          const whole = await insertMark([page]);
          const split = await insertMark(chunks);
          expect(split.page.equals(whole.page)).toBe(true);
          expect(split.page.toString().split(MARK).length).toBe(split.missed ? 1 : 2);
          expect(split.page.toString().replace(MARK, '')).toBe(page.toString());
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what cannot be decorated passes untouched, and is reported', () => {
  test.each([
    ['a frameset', '<html><head></head><frameset cols="50%,50%"><frame src=a></frameset></html>'],
    ['a title that never ends', '<title>all of the rest <body> is title'],
    ['a template that never ends', '<head><template><body><p>x'],
    ['a script that never ends', '<script>"<body>"'],
  ])('%s', async (_story, page) => {
    const result = await insertMark([page]);
    expect(result).toEqual({ page: Buffer.from(page), missed: true });
  });

  test('a page that turns out to be UTF-16 by its byte order mark', async () => {
    const page = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<body>x', 'utf16le')]);
    expect(await insertMark([page.subarray(0, 1), page.subarray(1)])).toEqual({ page, missed: true });
  });

  test('a head longer than a mebibyte', async () => {
    const filler = Buffer.from(`<meta name="x" content="${'y'.repeat(1000)}">`.repeat(50));
    const chunks = Array.from({ length: Math.ceil(MAX_HEAD_BYTES / filler.length) + 1 }, () => filler);
    const { page, missed } = await insertMark([...chunks, Buffer.from('<body>x')]);
    expect(missed).toBe(true);
    expect(page.length).toBe(chunks.length * filler.length + '<body>x'.length);
  });
});

describe('encodings', () => {
  test('a UTF-8 byte order mark stays first and is no text of the body', async () => {
    const page = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('<!doctype html><body>x')]);
    for (let at = 0; at <= page.length; at += 1) {
      const result = await insertMark(
        [page.subarray(0, at), page.subarray(at)].filter(({ length }) => length > 0),
      );
      expect(result.page.subarray(0, 3)).toEqual(page.subarray(0, 3));
      expect(result.page.subarray(3).toString()).toBe(`<!doctype html><body>${MARK}x`);
    }
  });

  test('bytes that are no UTF-8 pass as they are', async () => {
    const bytes = Buffer.from([
      ...Buffer.from('<title>'),
      0x83,
      0x5c,
      0xff,
      0x80,
      ...Buffer.from('</title><body>'),
      0xe9,
      0xfe,
    ]);
    const { page } = await insertMark([bytes]);
    expect(page.toString('latin1').replace(MARK, '')).toBe(bytes.toString('latin1'));
    expect(page.includes(`<body>${MARK}`)).toBe(true);
  });
});

describe('a meta policy', () => {
  test('is rewritten in the head, only its content attribute, however it is written', async () => {
    const page =
      '<head><meta data-a=1 HTTP-EQUIV="Content-Security-Policy" content=\'default-src "self"\' id=m><title>t</title><body>';
    const expected = page.replace(
      'content=\'default-src "self"\'',
      'content="default-src &#34;self&#34;; &#34;x&#34;"',
    );
    for (let at = 1; at < page.length; at += 1) {
      const result = await insertMark([page.slice(0, at), page.slice(at)], rewrite);
      expect(result.page.toString()).toBe(`${expected}${MARK}`);
    }
  });

  test.each([
    ['in a comment', '<head><!-- <meta http-equiv=Content-Security-Policy content="a b"> --></head><body>'],
    ['in a template', '<template><meta http-equiv=Content-Security-Policy content="a b"></template><body>'],
    ['in a script', '<script>"<meta http-equiv=Content-Security-Policy content=a>"</script><body>'],
    ['in the body', '<body><meta http-equiv=Content-Security-Policy content="a b">'],
    [
      'of another kind',
      '<meta http-equiv=refresh content="5"><meta name=Content-Security-Policy content=x><body>',
    ],
  ])('%s is left alone', async (_story, page) => {
    const result = await insertMark([page], rewrite);
    expect(result.page.toString()).toBe(page.replace('<body>', `<body>${MARK}`));
  });

  test('several of them are each rewritten', async () => {
    const page =
      '<meta http-equiv=content-security-policy content="a b"><meta http-equiv=content-security-policy content="c d"><body>';
    const result = await insertMark([page], (policy) => policy.toUpperCase());
    expect(result.page.toString()).toBe(`${page.replace('a b', 'A B').replace('c d', 'C D')}${MARK}`);
  });
});

describe('streaming', () => {
  test('releases everything but the tag that is being read, and all that follows the place at once', async () => {
    const stream = insertIntoBody({ html: MARK, rewriteMetaPolicy: () => null, onMissed: () => {} });
    const seen: string[] = [];
    stream.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    const write = async (text: string): Promise<string> => {
      await new Promise<void>((resolve) => stream.write(text, () => resolve()));
      await new Promise((resolve) => setImmediate(resolve));
      return seen.splice(0).join('');
    };
    expect(await write('<!doctype html><head><title>Sh')).toBe('<!doctype html><head><title>Sh');
    expect(await write('op</title><script>let a = 1; //')).toBe('op</title><script>let a = 1; //');
    expect(await write(' <body></script><link hr')).toBe(' <body></script>');
    expect(await write('ef=x></head><bo')).toBe('<link href=x></head>');
    expect(await write('dy>first')).toBe(`<body>${MARK}first`);
    expect(await write('<p unfinished')).toBe('<p unfinished');
    stream.end();
  });
});

function rewrite(policy: string): string {
  return `${policy}; "x"`;
}
