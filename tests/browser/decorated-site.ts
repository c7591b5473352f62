/** A little site on port 0 whose pages are decorated for real, with a gateway interface that does as the test says. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  planDecoration,
  readBrowserFiles,
  type ActAsButtons,
  type ActingNotice,
  type AssistedNotice,
  type Decoration,
} from '../../gateway/decorate/index.ts';

export type SitePage = { readonly html: string; readonly headers?: Readonly<Record<string, string>> };

export type SiteStatus = {
  actor: { name: string; first_name: string; may_act: boolean } | null;
  acting: {
    session_id: string;
    subject: { name: string };
    idle_left_ms: number;
    absolute_left_ms: number;
    mode: string;
    started_at: number;
  } | null;
  assisted: {
    actor_first_name: string;
    started_at: number;
    idle_expires_at: number;
    absolute_expires_at: number;
  } | null;
};

export type Sent = {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
};

export type Site = {
  readonly origin: string;
  readonly pages: Map<string, SitePage>;
  /** Other answers of the app or the gateway: status, headers, JSON. */
  readonly answers: Map<string, { status: number; headers?: Record<string, string>; json: unknown }>;
  /** What the gateway refuses: `POST /api/logout` → code. */
  readonly refusals: Map<string, string>;
  /** What it says of a refusal, by its code. */
  readonly words: Map<string, string>;
  status: SiteStatus;
  decorations: readonly Decoration[];
  /** Leaves `no-store` away: there are browsers that keep such pages for the way back all the same. */
  storable: boolean;
  /** Everything but pages and the script, in order. */
  readonly sent: Sent[];
  readonly close: () => Promise<void>;
};

export const MINUTE = 60_000;

export function actingNotice(changes: Partial<ActingNotice> = {}): ActingNotice {
  return {
    kind: 'acting',
    sessionId: 'session-1',
    subjectName: 'Sam Rivera',
    actorName: 'Mia Moreno',
    mode: 'full',
    idleLeftMs: 30 * MINUTE,
    absoluteLeftMs: 120 * MINUTE,
    returnTo: '/users/list',
    signOut: [
      { methods: ['POST'], pattern: '/api/logout' },
      { methods: ['GET'], pattern: '/logout' },
    ],
    lock: null,
    atEnd: '',
    news: null,
    ...changes,
  };
}

export function assistedNotice(changes: Partial<AssistedNotice> = {}): AssistedNotice {
  const startedAt = Date.UTC(2026, 3, 18, 18, 15);
  return {
    kind: 'assisted',
    actorFirstName: 'Mia',
    startedAt,
    idleExpiresAt: startedAt + 30 * MINUTE,
    absoluteExpiresAt: startedAt + 120 * MINUTE,
    timezone: 'America/New_York',
    paused: true,
    ...changes,
  };
}

export function buttons(places: ActAsButtons['places'], changes: Partial<ActAsButtons> = {}): ActAsButtons {
  return {
    kind: 'buttons',
    places,
    reasonMaxLength: 250,
    reasonRequired: false,
    idleTimeoutMs: 30 * MINUTE,
    absoluteTimeoutMs: 120 * MINUTE,
    ...changes,
  };
}

export const MIA = { name: 'Mia Moreno', first_name: 'Mia', may_act: true };

export function actingAs(name = 'Sam Rivera', sessionId = 'session-1'): SiteStatus {
  return {
    actor: MIA,
    acting: {
      session_id: sessionId,
      subject: { name },
      idle_left_ms: 30 * MINUTE,
      absolute_left_ms: 120 * MINUTE,
      mode: 'full',
      started_at: 0,
    },
    assisted: null,
  };
}

export const ORDINARY: SiteStatus = { actor: MIA, acting: null, assisted: null };

export async function openSite(): Promise<Site> {
  const browser = readBrowserFiles();
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // `localhost` is what browsers hold to be secure without a certificate.
  const origin = `http://localhost:${portOf(server.address())}`;
  const site: Site = {
    origin,
    pages: new Map(),
    answers: new Map(),
    refusals: new Map(),
    words: new Map(),
    status: actingAs(),
    decorations: [actingNotice()],
    storable: false,
    sent: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return site;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', origin).pathname;
    const file = browser.files.get(path);
    if (file) return void response.writeHead(200, { 'content-type': file.contentType }).end(file.body);
    const method = request.method ?? 'GET';
    const page = site.pages.get(path);
    if (page && method === 'GET') return servePage(page, response);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const type = request.headers['content-type'] ?? '';
    if (path === '/_act-as/status') return json(response, 200, site.status);
    if (path === '/favicon.ico') return json(response, 404, {});
    site.sent.push({ method, path, type, body: Buffer.concat(chunks).toString() });
    const answer = site.answers.get(`${method} ${path}`);
    if (answer) return json(response, answer.status, answer.json, answer.headers);
    const code = site.refusals.get(`${method} ${path}`);
    if (code) {
      // As the gateway marks its refusals; a script can read them without reading the body.
      return json(
        response,
        409,
        { code },
        {
          'server-timing': `act-as;desc="${code}", act-as-request;desc="${site.sent.length}"${wordsMetric(site.words.get(code))}`,
          'set-cookie': `act_as_refused=${code}.${site.sent.length}; Path=/; Max-Age=5; SameSite=Lax`,
        },
      );
    }
    if (path === '/_act-as/stop') {
      site.status = ORDINARY;
      if (!request.headers.accept?.includes('json')) {
        return void response.writeHead(303, { location: '/users/list' }).end();
      }
      return json(response, 200, { ended: true, location: '/users/list' });
    }
    json(response, 404, { title: 'Not found' });
  }

  async function servePage(page: SitePage, response: ServerResponse): Promise<void> {
    const headers = Object.entries({ 'content-type': 'text/html; charset=utf-8', ...page.headers });
    const plan = planDecoration({ method: 'GET', status: 200, headers }, site.decorations, {
      origin,
      nonce: Buffer.from(crypto.getRandomValues(new Uint8Array(18))).toString('base64'),
      now: Date.now(),
      browser,
    });
    const sent = (plan?.headers ?? headers).filter(([name]) => !(site.storable && name === 'cache-control'));
    response.writeHead(200, sent.flat());
    const body = Readable.from([Buffer.from(page.html)]);
    if (plan) await pipeline([body, ...plan.transforms, response]);
    else await pipeline(body, response);
  }
}

function wordsMetric(words: string | undefined): string {
  return words === undefined ? '' : `, act-as-words;desc="${encodeURIComponent(words)}"`;
}

function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(value));
}

function portOf(address: ReturnType<Server['address']>): number {
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen on a port');
  return address.port;
}
