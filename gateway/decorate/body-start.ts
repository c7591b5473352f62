/** Finds, in the tokens of a page, the first place that is really in its body, as the HTML Standard builds the tree. */
import { SAXParser } from 'parse5-sax-parser';

export type Edit = { readonly start: number; readonly end: number; readonly text: string };

export type BodyStart = {
  /** Reads on; the bytes as Latin-1, so that offsets are byte offsets. Calls back when all of it is understood. */
  readonly read: (text: string, done: () => void) => void;
  /** The page is over. */
  readonly finish: (done: () => void) => void;
  /** Byte offset of the place; null while unknown. */
  readonly found: () => number | null;
  /** This page has no body to insert into: a frameset, or an end inside an element that swallows everything. */
  readonly hopeless: () => boolean;
  /** No edit will be made before this offset. */
  readonly settled: () => number;
  /** Replacements to make before the place, in order; each is handed out once. */
  readonly takeEdits: () => Edit[];
};

/** Elements that stand in the head and keep it open. */
const OF_THE_HEAD = new Set(
  'html head base basefont bgsound link meta title style script noscript noframes template'.split(' '),
);
/** Their content is text up to the end tag, whatever it looks like. */
const RAW_TEXT = new Set('title style script noscript noframes'.split(' '));
/** End tags that open the body when they come too early (section 13.2.6.4.4 to 6); any other is ignored. */
const OPENING_END_TAGS = new Set(['body', 'html', 'br']);

/** @param rewriteMetaPolicy the new content of a `<meta http-equiv="Content-Security-Policy">`, or null to keep it */
export function findBodyStart(rewriteMetaPolicy: (policy: string) => string | null): BodyStart {
  const parser = new SAXParser({ sourceCodeLocationInfo: true });
  let read = 0;
  let tokensEnd = 0;
  let found: number | null = null;
  let hopeless = false;
  let rawText: string | null = null;
  let templates = 0;
  let edits: Edit[] = [];

  const place = (offset: number): void => {
    found = offset;
    parser.stop();
  };
  const over = (): boolean => found !== null || hopeless;

  parser.on('startTag', ({ tagName, attrs, sourceCodeLocation: at }) => {
    if (over() || !at) return;
    tokensEnd = at.endOffset;
    if (rawText !== null) return;
    if (RAW_TEXT.has(tagName)) rawText = tagName;
    if (tagName === 'template') templates += 1;
    if (templates > 0) return;

    if (tagName === 'body') place(at.endOffset);
    else if (tagName === 'frameset') hopeless = true;
    else if (!OF_THE_HEAD.has(tagName)) place(at.startOffset);
    else if (tagName === 'meta') {
      const value = (name: string): string | undefined => attrs.find((attr) => attr.name === name)?.value;
      const span = placeOf('content', at);
      const policy = value('content');
      if (value('http-equiv')?.toLowerCase() !== 'content-security-policy' || !span || policy === undefined)
        return;
      const rewritten = rewriteMetaPolicy(policy);
      if (rewritten === null) return;
      edits.push({
        start: span.start,
        end: span.end,
        text: `content="${attributeText(rewritten)}"`,
      });
    }
  });
  parser.on('endTag', ({ tagName, sourceCodeLocation: at }) => {
    if (over() || !at) return;
    tokensEnd = at.endOffset;
    if (rawText !== null) {
      if (tagName === rawText) rawText = null;
    } else if (tagName === 'template') {
      templates = Math.max(0, templates - 1);
    } else if (templates === 0 && OPENING_END_TAGS.has(tagName)) {
      place(at.startOffset);
    }
  });
  parser.on('text', ({ text, sourceCodeLocation: at }) => {
    if (over() || !at) return;
    if (rawText === null && templates === 0 && /[^\t\n\f\r ]/.test(text)) place(at.startOffset);
    else tokensEnd = at.endOffset;
  });
  parser.on('comment', ({ sourceCodeLocation: at }) => {
    if (!over() && at) tokensEnd = at.endOffset;
  });
  parser.on('doctype', ({ sourceCodeLocation: at }) => {
    if (!over() && at) tokensEnd = at.endOffset;
  });

  return {
    read(text, done) {
      read += text.length;
      parser.write(text, () => done());
    },
    finish(done) {
      parser.end(() => {
        // A page without a body: after its last whole tag. Inside an open title or template nothing would be seen.
        if (!over() && rawText === null && templates === 0) found = tokensEnd;
        else if (found === null) hopeless = true;
        done();
      });
    },
    found: () => found,
    hopeless: () => hopeless,
    settled() {
      if (found !== null) return found;
      return rawText !== null || templates > 0 || hopeless ? read : tokensEnd;
    },
    takeEdits() {
      const taken = edits;
      edits = [];
      return taken;
    },
  };
}

/** The parser gives start tags the places of their attributes too, which its types leave out. */
function placeOf(attribute: string, at: object): { readonly start: number; readonly end: number } | null {
  const places: unknown = 'attrs' in at ? at.attrs : null;
  if (typeof places !== 'object' || places === null) return null;
  const entry = Object.entries(places).find(([name]) => name === attribute);
  const place: unknown = entry?.[1];
  if (typeof place !== 'object' || place === null) return null;
  if (!('startOffset' in place) || !('endOffset' in place)) return null;
  const { startOffset: start, endOffset: end } = place;
  return typeof start === 'number' && typeof end === 'number' ? { start, end } : null;
}

/** Bytes of the page's own encoding stay as they are; only what would end the attribute is written otherwise. */
function attributeText(latin1: string): string {
  return latin1.replace(/["&<>]|[\u0100-\u{10ffff}]/gu, (character) => `&#${character.codePointAt(0)};`);
}
