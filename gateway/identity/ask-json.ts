/** Asks the market app a question by GET, as the client who brought the credential, and believes no answer blindly. */
import type { Dispatcher } from 'undici';
import { chooseCookies, type CookieChoice } from './cookie-header.ts';
import type { Credential } from './identity.ts';

/** How the market app is reached. */
export type AskDeps = {
  /** Origin of the market app, such as `http://127.0.0.1:3000`. */
  readonly upstream: string;
  readonly dispatcher: Dispatcher;
  /**
   * Headers that tell the app who its client is (host, forwarded, x-forwarded-*), the same as on forwarded requests.
   * Absent, the client's address alone goes, in x-forwarded-for: without it all shoppers share one rate limit.
   */
  readonly describeClient?: (credential: Credential) => Readonly<Record<string, string>>;
};

export type Question = {
  /** Path and query on the upstream. */
  readonly path: string;
  readonly cookies: CookieChoice;
  readonly authorization: boolean;
  /** Fixed headers, such as an app's publishable key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

export type JsonAnswer =
  | { readonly kind: 'json'; readonly value: unknown }
  /** A final status that carries no JSON for us: a redirect (never followed), a refusal, a failure. */
  | { readonly kind: 'status'; readonly status: number }
  /** An answer that is of no use is no sign of an app that is down: whoever it is about may have seen to it. */
  | { readonly kind: 'unavailable'; readonly cause: string; readonly because: 'app' | 'question' };

/** What of a credential is sent for a question; null when there is nothing that could prove anything. */
export type Proof = { readonly cookie: string | null; readonly authorization: string | null };

const mostBytes = 256 * 1024;
/** A question must not be made too long for the app by whoever it is about. */
const mostAgent = 256;

export function proofFor(question: Question, credential: Credential): Proof | null {
  const cookie = chooseCookies(credential.cookie, question.cookies);
  const authorization = question.authorization ? credential.authorization : null;
  return cookie === null && authorization === null ? null : { cookie, authorization };
}

/** Never rejects, follows no redirect, reads at most 256 KiB, and takes no longer than the question's time. */
export async function askJson(
  deps: AskDeps,
  question: Question,
  credential: Credential,
  proof: Proof,
): Promise<JsonAnswer> {
  // Taken back with the answer; AbortSignal.timeout would go off for each question that was answered long ago.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), question.timeoutMs);
  const { signal } = late;
  const request: Dispatcher.RequestOptions = {
    origin: deps.upstream,
    path: question.path,
    method: 'GET',
    headers: headersOf(deps, question, credential, proof),
    signal,
  };
  try {
    return await readAnswer(await sendOnce(deps.dispatcher, request), signal);
  } catch (error) {
    const cause = signal.aborted ? 'no answer in time' : codeOf(error);
    return { kind: 'unavailable', cause, because: 'app' };
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that was kept open and that the app closed just now says nothing about the app: one more try. */
async function sendOnce(
  dispatcher: Dispatcher,
  request: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData> {
  try {
    return await dispatcher.request(request);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
    return dispatcher.request(request);
  }
}

async function readAnswer(answer: Dispatcher.ResponseData, signal: AbortSignal): Promise<JsonAnswer> {
  const { statusCode, headers, body } = answer;
  if (statusCode !== 200) {
    // Read what little there is, so that the connection can be used again.
    await body.dump({ limit: mostBytes, signal }).catch(() => undefined);
    return { kind: 'status', status: statusCode };
  }
  const refuse = (cause: string): JsonAnswer => {
    // Dropped with its connection; the error that this raises on the body is of no interest any more.
    body.on('error', () => undefined).destroy();
    return { kind: 'unavailable', cause, because: 'question' };
  };
  if (!isJson(headers['content-type'])) return refuse('the answer is not JSON');
  if (!isPlain(headers['content-encoding']))
    return refuse('the answer is encoded, though it was asked for plain');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes) return refuse('the answer is larger than 256 KiB');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)),
    );
    return { kind: 'json', value };
  } catch {
    return { kind: 'unavailable', cause: 'the answer is not well-formed JSON', because: 'question' };
  }
}

function headersOf(
  deps: AskDeps,
  question: Question,
  credential: Credential,
  proof: Proof,
): Record<string, string> {
  const client = deps.describeClient?.(credential) ?? { 'x-forwarded-for': credential.remoteAddress };
  const agent = credential.header('user-agent');
  return {
    ...question.headers,
    ...client,
    accept: 'application/json',
    'accept-encoding': 'identity',
    // Some apps tie a session to the browser that began it.
    ...(agent === null ? {} : { 'user-agent': agent.slice(0, mostAgent) }),
    ...(proof.cookie === null ? {} : { cookie: proof.cookie }),
    ...(proof.authorization === null ? {} : { authorization: proof.authorization }),
  };
}

function isJson(type: string | string[] | undefined): boolean {
  return typeof type === 'string' && /^\s*[\w.+-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);
}

function isPlain(encoding: string | string[] | undefined): boolean {
  return encoding === undefined || (typeof encoding === 'string' && /^\s*(?:identity)?\s*$/i.test(encoding));
}

/** The error's code and never its text, which may quote what was sent. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the request failed';
}
