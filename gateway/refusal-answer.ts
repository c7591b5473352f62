/** Writes a refusal as an answer: problem+json (RFC 9457) for programs, a proper page for people. */
import { STATUS_CODES } from 'node:http';
import type { Answer } from './answer.ts';
import { PAGE_HEADERS, refusalPage, type PageFacts } from './pages/refusal-page.ts';
import type { Refusal } from './refusal.ts';
import { REFUSAL_COOKIE } from './sessions/index.ts';

export type RefusalContext = PageFacts & {
  /** True where a person is looking at the answer as a page. */
  readonly asPage: boolean;
  /** True where the request's body was not read to its end. */
  readonly close: boolean;
};

export function refusalAnswer(refusal: Refusal, context: RefusalContext): Answer {
  const headers = [
    'cache-control',
    'no-store',
    'x-request-id',
    context.requestId,
    // Lets the script in the page notice refusals of any request the app makes, without touching the app's own code.
    'server-timing',
    `act-as;desc="${refusal.code}", act-as-request;desc="${context.requestId}"${wordsFor(refusal)}`,
    ...(context.close ? ['connection', 'close'] : []),
    ...(refusal.status === 405 ? ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] : []),
    ...(refusal.status === 503 ? ['retry-after', '5'] : []),
    ...(refusal.status === 429 ? ['retry-after', '60'] : []),
  ];
  if (context.asPage) {
    const body = Buffer.from(refusalPage(refusal, context));
    return { status: refusal.status, headers: [...headers, ...PAGE_HEADERS, ...length(body)], body };
  }
  const body = Buffer.from(JSON.stringify(problem(refusal, context.requestId)));
  return {
    status: refusal.status,
    headers: [
      ...headers,
      'content-type',
      'application/problem+json',
      // The same once more: a browser reports no timing of an answer whose body the app's code never reads.
      'set-cookie',
      `${REFUSAL_COOKIE}=${refusal.code}.${context.requestId}; Path=/; Max-Age=5; SameSite=Lax`,
      'x-content-type-options',
      'nosniff',
      ...length(body),
    ],
    body,
  };
}

/** A header of an answer is no place for a long text: without it the script says what it knows by the code alone. */
const MOST_WORDS = 2_000;

/** What a person should read, so that the script in the page can say it where the page itself does not. */
function wordsFor({ detail }: Refusal): string {
  const words = encodeURIComponent(detail.toWellFormed());
  return words.length > MOST_WORDS ? '' : `, act-as-words;desc="${words}"`;
}

export function problem(refusal: Refusal, requestId: string): Readonly<Record<string, unknown>> {
  return {
    type: 'about:blank',
    title: refusal.title,
    status: refusal.status,
    detail: refusal.detail,
    code: refusal.code,
    request_id: requestId,
    ...(refusal.fault === null ? {} : { fault: refusal.fault }),
    ...(refusal.mayTakeOver === undefined ? {} : { may_take_over: refusal.mayTakeOver }),
  };
}

/** For a connection that never became a request: the smallest answer that is still one. */
export function rawRefusal(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

function length(body: Buffer): readonly string[] {
  return ['content-length', String(body.length)];
}
