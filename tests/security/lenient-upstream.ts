/**
 * A market app that believes everything: it accepts every spelling of a path and every wish for another method that some
 * real stack accepts, seats whomever a token names without checking it, and notes what it executed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { readingsOf } from './lenient-readings.ts';
import { portOf } from './port-of.ts';
import { z } from 'zod';

export type Executed = {
  /** As it came: method and target. */
  readonly line: string;
  readonly method: string;
  readonly target: string;
  /** Name and value in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Whose seat it was executed in: the token's subject, else the cookie's, else nobody. */
  readonly as: string | null;
  /** Every `METHOD /path` that some real stack would have taken it for. */
  readonly readings: ReadonlySet<string>;
};

/** Answers a request in its own way; false leaves it to the usual answer. */
export type Behaviour = (request: Executed, response: ServerResponse, incoming: IncomingMessage) => boolean;

export type LenientUpstream = {
  readonly url: string;
  /** Everything executed but the gateway's own questions about people. */
  readonly executed: Executed[];
  /** Everything that arrived, the gateway's own questions included. */
  readonly arrived: Executed[];
  readonly people: Map<string, LenientPerson>;
  behave(behaviour: Behaviour | null): void;
  /** Takes every wish for another protocol from now on; before that they are ordinary requests. */
  onUpgrade(listener: (request: Executed, socket: Duplex, head: Buffer) => void): void;
  /** Requests that were executed as this person and could be taken for this route. */
  leaks(route: string, as?: string): readonly string[];
  forget(): void;
  close(): Promise<void>;
};

export type LenientPerson = { name: string; roles: string[]; market: string | null; active: boolean };

/** The cookie is the person's id: nobody's sign-in is checked here. */
export const signedIn = (id: string): string => `market_session=${id}`;

export async function startLenientUpstream(port = 0): Promise<LenientUpstream> {
  const executed: Executed[] = [];
  const arrived: Executed[] = [];
  const people = new Map<string, LenientPerson>(
    (
      [
        ['u-mia', 'Mia Moreno', 'market_manager', 'valley'],
        ['u-mo', 'Mo Second', 'market_manager', 'valley'],
        ['u-root', 'Root Lindqvist', 'superuser', null],
        ['u-sam', 'Sam Whitaker', 'shopper', 'valley'],
        ['u-sue', 'Sue Nakamura', 'shopper', 'valley'],
      ] as const
    ).map(([id, name, role, market]) => [id, { name, roles: [role], market, active: true }]),
  );
  let behaviour: Behaviour | null = null;

  const server = createServer(
    {
      insecureHTTPParser: true,
      requireHostHeader: false,
      maxHeaderSize: 128 * 1024,
      keepAliveTimeout: 60_000,
    },
    (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('error', () => undefined);
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const request = read(incoming, Buffer.concat(chunks).toString('latin1'));
        arrived.push(request);
        if (!/^\/api\/(?:me|customers\/[\w-]+)$/.test(request.target)) executed.push(request);
        if (behaviour?.(request, response, incoming) !== true) usualAnswer(request, response, people);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    executed,
    arrived,
    people,
    behave(next) {
      behaviour = next;
    },
    onUpgrade(listener) {
      server.on('upgrade', (incoming, socket, head) => {
        const request = read(incoming, '');
        arrived.push(request);
        executed.push(request);
        listener(request, socket, head);
      });
    },
    leaks: (route, as) =>
      executed
        .filter((one) => one.readings.has(route) && (as === undefined || one.as === as))
        .map(({ line }) => line),
    forget() {
      executed.length = 0;
      arrived.length = 0;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function read(incoming: IncomingMessage, body: string): Executed {
  const method = incoming.method ?? '';
  const target = incoming.url ?? '';
  const { rawHeaders, headers } = incoming;
  const as = seatOf(incoming);
  return {
    line: `${method} ${target}`,
    method,
    target,
    rawHeaders,
    headers,
    body,
    as,
    readings: readingsOf(method, target, rawHeaders, body),
  };
}

function seatOf({ headers }: IncomingMessage): string | null {
  const payload = /^Bearer [^.]+\.([^.]+)\./i.exec(headers.authorization ?? '')?.[1];
  if (payload !== undefined) {
    return z.looseObject({ sub: z.string() }).parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
      .sub;
  }
  return /(?:^|;\s*)market_session=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? null;
}

function usualAnswer(request: Executed, response: ServerResponse, people: LenientUpstream['people']): void {
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const asked = /^\/api\/customers\/([\w-]+)$/.exec(request.target)?.[1];
  const id = asked ?? (request.target === '/api/me' ? request.as : null);
  if (id === null && request.target !== '/api/me')
    return json(request.method === 'POST' ? 201 : 200, { done: request.line });
  const person = people.get(id ?? '');
  if (id === null || person === undefined) return json(asked === undefined ? 401 : 404, { error: 'nobody' });
  const { name, roles, active } = person;
  const market = person.market === null ? null : { id: person.market, name: person.market };
  const view = {
    id,
    name,
    email: `${id.slice(2)}@${person.market ?? 'market'}.example`,
    roles,
    market,
    active,
    blocked: false,
  };
  return json(
    200,
    asked === undefined ? { user: { ...view, claims: {} } } : { customer: { ...view, assigned_to: null } },
  );
}
