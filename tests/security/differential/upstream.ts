/** The upstream: whatever the gateway forwards is given, byte for byte the same, to every router; and it says who people are. */
import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { listening } from './listening.ts';
import { memoryExchange } from './memory-exchange.ts';
import { createRouters } from './routers/all.ts';
import { nameOf } from './routes.ts';

export type Execution = { readonly router: string; readonly route: string };

export type DifferentialUpstream = {
  readonly url: string;
  /** What every router runs for these bytes, sent to it directly. */
  readonly runDirectly: (raw: string) => Promise<readonly Execution[]>;
  /** What ran for the forwarded request with this id; taken out. */
  readonly takeExecutions: (requestId: string) => Forwarded | undefined;
  close(): Promise<void>;
};

export type Forwarded = { readonly raw: string; readonly executions: readonly Execution[] };

const PEOPLE: Readonly<Record<string, object>> = {
  'u-mia': { id: 'u-mia', name: 'Mia Moreno', email: 'mia@valley.example', roles: ['market_manager'] },
  'u-sam': { id: 'u-sam', name: 'Sam Whitaker', email: 'sam@valley.example', roles: ['shopper'] },
};
const MORE = { market: { id: 'valley', name: 'Valley Market' }, active: true, blocked: false, claims: {} };

export async function startDifferentialUpstream(): Promise<DifferentialUpstream> {
  let current: Execution[] = [];
  const routers = await createRouters((router, entry) => {
    current.push({ router, route: nameOf(entry) });
  });
  let queue: Promise<unknown> = Promise.resolve();

  // One after the other, so that what ran is known to have run for these bytes.
  const runDirectly = (raw: string): Promise<readonly Execution[]> => {
    const run = queue.then(async () => {
      current = [];
      await Promise.all(routers.map(({ server }) => memoryExchange(server, raw)));
      return current;
    });
    queue = run.catch(() => undefined);
    return run;
  };

  const forwarded = new Map<string, Forwarded>();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const person = asked(incoming);
      if (person !== null) {
        response.writeHead(person === undefined ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(person ?? {}));
        return;
      }
      const raw = rawAgain(incoming, Buffer.concat(chunks).toString('latin1'));
      const id = String(incoming.headers['x-request-id']);
      const note = async (): Promise<void> => {
        forwarded.set(id, { raw, executions: await runDirectly(raw) });
        response.end('done');
      };
      note().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
  });
  const url = await listening(server);
  return {
    url,
    runDirectly,
    takeExecutions(id) {
      const found = forwarded.get(id);
      forwarded.delete(id);
      return found;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const router of routers) await router.close();
    },
  };
}

/** The gateway's own questions: undefined for somebody unknown, null where it asks nothing. */
function asked({ url = '', headers }: IncomingMessage): unknown {
  const id = /^\/api\/customers\/([\w-]+)$/.exec(url)?.[1];
  if (id !== undefined) return id in PEOPLE ? { customer: { ...PEOPLE[id], ...MORE } } : undefined;
  if (url !== '/api/me') return null;
  const token = /^Bearer [^.]+\.([^.]+)\./.exec(headers.authorization ?? '')?.[1];
  const claims: unknown = token === undefined ? {} : JSON.parse(Buffer.from(token, 'base64url').toString());
  const { sub: subject } = z.object({ sub: z.string().optional() }).parse(claims);
  const who = subject ?? /market_session=([\w-]+)/.exec(headers.cookie ?? '')?.[1] ?? '';
  return who in PEOPLE ? { user: { ...PEOPLE[who], ...MORE } } : undefined;
}

function rawAgain({ method, url, rawHeaders }: IncomingMessage, body: string): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (!/^connection$/i.test(rawHeaders[index] ?? ''))
      lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
}
