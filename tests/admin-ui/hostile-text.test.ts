/**
 * A shopper picks their own name, a manager types any reason, and any client sends any path and user agent.
 * Whoever reads the record later must see those texts and never run, load, hide or reorder anything by them.
 */
import { Readable } from 'node:stream';
import { SAXParser, type StartTag } from 'parse5-sax-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAuditEvent } from '../../audit-store/index.ts';
import { auditDesk, VALLEY, type AuditDesk } from './audit-desk.ts';

const LOG = '/admin/impersonation-audit';

const PAYLOADS: readonly string[] = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '" onmouseover="alert(1)" x="',
  "' onfocus='alert(1)' autofocus='",
  '" autofocus onfocus=alert(1) x=',
  '<svg/onload=alert(1)>',
  '<body onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  'javascript:alert(1)',
  '<style>*{display:none}</style>',
  '</style></title></textarea><script>alert(1)</script>',
  '</bdi></td></tr></table><form action="https://evil.example"><button>Stop</button></form>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<base href="https://evil.example/">',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '<input name=return_to value=https://evil.example>',
  '<!-- --!><img src=x onerror=alert(1)>',
  '<![CDATA[<script>alert(1)</script>]]>',
  '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)} !${alert(1)} `alert(1)`',
  '\u202Egnp.exe\u202C \u2066hidden\u2069 \u200Bzero',
  'line one\nline two\r\n\u2028three\u0000\u0007\u001b[31mred',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '\ud800<script>alert(1)</script>',
  `${'A'.repeat(2000)}<script>alert(1)</script>`,
];

const ODD = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\u200b\u2060-\u206f\ufeff]/u;

let desk: AuditDesk;
let clean: Readonly<Record<'log' | 'session', Shape>>;
beforeAll(async () => {
  desk = await auditDesk();
  await write('nothing wrong', 'harmless', '2026-01-01');
  clean = {
    log: await shapeOf(`${LOG}?from=2026-01-01&to=2026-01-01`),
    session: await shapeOf(`${LOG}/sessions/harmless`),
  };
});
afterAll(() => desk.close());

type Shape = {
  readonly tags: ReadonlySet<string>;
  readonly attributes: ReadonlySet<string>;
  readonly text: string;
};

async function write(payload: string, sessionId: string, day: string): Promise<void> {
  for (const event of ['start', 'action', 'blocked', 'expired'] as const) {
    await desk.record(`${day}T12:00:00Z`, { ...hostile(payload), sessionId, event });
  }
}

/** Every text that somebody other than us can choose, chosen badly. */
function hostile(payload: string): Partial<NewAuditEvent> {
  return {
    reason: payload,
    path: payload,
    userAgent: payload,
    ipAddress: payload,
    method: payload,
    action: payload,
    requestId: payload,
    rule: payload,
    details: { [payload]: payload, by_name: payload, ended_at: payload },
    actor: { id: '1', name: payload, email: payload },
    subject: { id: '2', name: payload, email: payload },
    market: { ...VALLEY, name: payload },
  };
}

function ours(shape: Shape): ReadonlySet<string> {
  return new Set([...shape.tags, 'span', 'bdi', 'a', 'li']);
}

/** What a browser's parser makes of the page: its elements, its attributes and its text. */
async function shapeOf(path: string): Promise<Shape> {
  const answer = await desk.get(path, 'root');
  expect(answer.status).toBe(200);
  const page = await answer.text();
  const tags: StartTag[] = [];
  let text = '';
  const parser = new SAXParser();
  parser.on('startTag', (tag) => {
    // The one script is ours, and in a file.
    const source = tag.attrs.find(({ name }) => name === 'src')?.value ?? '';
    if (tag.tagName !== 'script' || !source.startsWith(`${LOG}/assets/newer.js?v=`)) tags.push(tag);
  });
  parser.on('text', (part) => (text += part.text));
  await new Promise<void>((resolve, reject) => {
    Readable.from([page]).pipe(parser).on('finish', resolve).on('error', reject).resume();
  });
  const addresses = tags
    .flatMap((tag) => tag.attrs)
    .filter(({ name }) => ['href', 'src', 'action'].includes(name))
    .map(({ value }) => value);
  expect(addresses.filter((address) => !/^(\/(?!\/)|#)/.test(address))).toEqual([]);
  const attributes = tags.flatMap((tag) => tag.attrs.map((attribute) => `${tag.tagName} ${attribute.name}`));
  return { tags: new Set(tags.map((tag) => tag.tagName)), attributes: new Set(attributes), text };
}

describe.each(PAYLOADS.map((payload, i) => ({ payload, i })))('Text no. $i, $payload', ({ payload, i }) => {
  it('adds no element and no attribute to the log or the timeline, and nothing invisible to their text', async () => {
    const sessionId = `hostile-${i}`;
    const day = new Date(Date.UTC(2026, 1, 1 + i)).toISOString().slice(0, 10);
    await write(payload, sessionId, day);
    const log = await shapeOf(`${LOG}?from=${day}&to=${day}`);
    const session = await shapeOf(`${LOG}/sessions/${sessionId}`);
    // A cut text and a spelt-out character bring markup of ours with them; nothing else may come.
    expect([...log.tags].filter((tag) => !ours(clean.log).has(tag))).toEqual([]);
    expect([...session.tags].filter((tag) => !ours(clean.session).has(tag))).toEqual([]);
    const allowed = new Set(['bdi class', 'bdi title', 'span class', 'li class', 'li id']);
    for (const [shape, base] of [[log, clean.log] as const, [session, clean.session] as const]) {
      expect(
        [...shape.attributes].filter((each) => !base.attributes.has(each) && !allowed.has(each)),
      ).toEqual([]);
      expect(shape.text.replaceAll('\n', '')).not.toMatch(ODD);
    }
  });
});

it('A live session’s names and reason are no more dangerous', async () => {
  const [payload = ''] = PAYLOADS;
  const person = { name: `"${payload}`, email: `'${payload}` };
  const times = { startedAt: 0, idleExpiresAt: 1, absoluteExpiresAt: 1 };
  desk.live.push({
    id: `x"${payload}`,
    actor: person,
    subject: person,
    market: VALLEY,
    reason: payload,
    ...times,
  });
  const { tags } = await shapeOf(`${LOG}?from=2026-01-01&to=2026-01-01`);
  desk.live.length = 0;
  expect(tags).not.toContain('script');
});

it.each(['manager', 'customer'])(
  'A search for hostile text is echoed in the %s field as text',
  async (field) => {
    for (const payload of PAYLOADS.filter((each) => each.length <= 256 && !/\p{Cc}/u.test(each))) {
      const { tags } = await shapeOf(`${LOG}?${field}=${encodeURIComponent(payload.toWellFormed())}`);
      expect(tags).not.toContain('script');
      expect(tags).not.toContain('svg');
      expect(tags).not.toContain('iframe');
    }
  },
);

it.each(['from', 'event', 'outcome', 'market', 'cursor', 'nonsense"><script>x</script>'])(
  'A hostile value for %s comes back as text in the message about it',
  async (field) => {
    for (const payload of PAYLOADS) {
      const query = new URLSearchParams({ [field]: payload.toWellFormed() }).toString();
      const page = await (await desk.get(`${LOG}?${query}`, 'root')).text();
      expect(page).not.toMatch(/<(?:script|svg|iframe|base|style|body onload)/);
    }
  },
);
