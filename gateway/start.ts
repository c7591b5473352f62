/** Puts the gateway together and opens its two listeners; everything it depends on comes in as an argument. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Logger } from 'pino';
import type { AuditStore } from '../audit-store/index.ts';
import { compilePattern, type Policy } from '../policy/index.ts';
import { createCanary } from './acting/canary.ts';
import { sweep } from './acting/end-session.ts';
import type { Config } from './config/index.ts';
import { readBrowserFiles } from './decorate/index.ts';
import { createDelegation, type KeyRing } from './delegation/index.ts';
import { createDirectory } from './directory/index.ts';
import { createUpstreamClient } from './forward/upstream-client.ts';
import { createIdentityProvider } from './identity/index.ts';
import { createSessionJars } from './jar/index.ts';
import { createMetrics } from './metrics.ts';
import type { Clock, Parts } from './parts.ts';
import { handle } from './pipeline.ts';
import { createOwnApp, type OwnPages } from './routes/own-app.ts';
import { createPrivateApp } from './routes/private-app.ts';
import { sessionCookieName, type SessionStore } from './sessions/index.ts';
import { servesHost } from './site.ts';
import { asksForWebSocket, handleUpgrade } from './upgrade.ts';
import { rawRefusal } from './refusal-answer.ts';

export type GatewayDeps = {
  readonly config: Config;
  readonly policy: Policy;
  readonly keys: KeyRing;
  readonly audit: AuditStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Pages of ours beyond the gateway's own: the reviewers'. */
  readonly pages: OwnPages;
};

export type Gateway = {
  /** What a browser on this machine types. */
  readonly url: string;
  readonly privateUrl: string;
  /** Ends what has run out of time; runs by itself every second. */
  sweep(): Promise<void>;
  close(): Promise<void>;
};

const SWEEP_EVERY_MS = 1_000;
/** How long requests under way may take to finish at the end, milliseconds. */
const FINISH_MS = 25_000;

/** @throws with a one-line message if a port cannot be listened on. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { config } = deps;
  const { limits } = config;
  const server = createServer({
    maxHeaderSize: limits.header_bytes,
    headersTimeout: limits.headers_timeout,
    requestTimeout: limits.request_timeout,
    connectionsCheckingInterval: 2_000,
    insecureHTTPParser: false,
    requireHostHeader: false,
    shouldUpgradeCallback: asksForWebSocket,
  });
  // Above our own limit, so that too many lines are seen and refused rather than silently cut.
  server.maxHeadersCount = 2 * limits.header_lines;
  const port = await listen(server, config.listen.host, config.listen.port);
  const parts = assemble(deps, port);
  const own = await createOwnApp(deps.keys, parts, deps.pages);
  const serveOwn = own.routing.bind(own);
  const defect = (error: unknown): void =>
    parts.log.error({ err: error }, 'a request failed on a defect of ours');

  server.on('request', (incoming, response) => {
    handle(incoming, response, parts, serveOwn).catch((error: unknown) => {
      defect(error);
      response.destroy();
    });
  });
  // Answered after the decision, when the body is first read; until then no byte of it is asked for.
  server.on('checkContinue', (incoming, response) => {
    incoming.once('resume', () => response.writeContinue());
    server.emit('request', incoming, response);
  });
  server.on('checkExpectation', (incoming, response) => server.emit('request', incoming, response));
  server.on('upgrade', (incoming, socket, head) => {
    handleUpgrade(incoming, socket, head, parts).catch((error: unknown) => {
      defect(error);
      socket.destroy();
    });
  });
  server.on('connect', (_incoming, socket) => socket.end(rawRefusal(405)));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return socket.destroy();
    return socket.end(rawRefusal(error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400));
  });

  const privateApp = createPrivateApp(parts);
  const privateUrl = await privateApp.listen({ ...config.private_listen });
  let sweeping: Promise<void> | null = null;
  const sweepOnce = (): Promise<void> => {
    sweeping ??= sweep(parts).finally(() => {
      sweeping = null;
    });
    return sweeping;
  };
  const timer = setInterval(() => void sweepOnce().catch(defect), SWEEP_EVERY_MS);

  return {
    url: config.public_url ?? `http://localhost:${port}`,
    privateUrl,
    sweep: sweepOnce,
    async close() {
      clearInterval(timer);
      await closeServer(server);
      await own.close();
      await privateApp.close();
      await sweeping?.catch(() => undefined);
      await deps.sessions.close();
      await parts.dispatcher.close();
    },
  };
}

function assemble(deps: GatewayDeps, port: number): Parts {
  const { config, policy, clock, sessions, audit, log } = deps;
  const publicUrl = config.public_url?.replace(/\/$/, '');
  const publicOrigin = (host: string): string => publicUrl ?? `http://${host}`;
  const siteOrigin = publicUrl ?? `http://localhost:${port}`;
  const cookieName = sessionCookieName(siteOrigin.startsWith('https:'));
  const dispatcher = createUpstreamClient(config.upstream);
  const now = (): number => clock.now();
  const ask = { upstream: config.upstream.url, dispatcher };
  const delegation = createDelegation(config.delegation, {
    keys: deps.keys,
    issuer: siteOrigin,
    clock: now,
    randomUUID,
  });
  const jars = createSessionJars({ sessions, publicOrigin: siteOrigin, clock: now });
  const canary = createCanary(config.canary, {
    ...ask,
    delegation,
    clock,
    cookieHeader: (session, path) => jars.cookieHeader(session.tokenHash, path),
  });
  sessions.onEnd(({ session }) => {
    delegation.forget(session.id);
    canary.forget(session.id);
  });
  return {
    config,
    policy: () => policy,
    sessions,
    jars,
    identity: createIdentityProvider(config.identity, { ...ask, clock: now }),
    directory: createDirectory(config.directory, ask),
    delegation,
    canary,
    audit,
    dispatcher,
    clock,
    log,
    metrics: createMetrics(
      () => sessions.liveCount(),
      () => audit.health().ok,
    ),
    newId: randomUUID,
    settleRules: {
      methods: new Set(config.limits.methods),
      targetBytes: config.limits.target_bytes,
      headerLines: config.limits.header_lines,
      requestBody: config.limits.request_body,
      servesHost: servesHost(config, port),
      cookieName,
    },
    headerRules: {
      identityHeaders: new Set(config.identity_headers),
      actingHeaders: new Set(config.acting.headers),
      upstreamHost: config.upstream.host_header === 'upstream' ? new URL(config.upstream.url).host : null,
    },
    bodyBudget: { held: 0, limit: config.limits.acting_bodies },
    publicOrigin,
    cookieName,
    browser: readBrowserFiles(),
    buttons: config.buttons.map(({ page, each, into, position, ...attributes }) => ({
      place: {
        page,
        each,
        position,
        idAttribute: attributes.id_attribute,
        ...(into === undefined ? {} : { into }),
        ...(attributes.name_attribute === undefined ? {} : { nameAttribute: attributes.name_attribute }),
      },
      shownOn: compilePattern(page),
    })),
    unrecordedEnds: [],
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), FINISH_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
