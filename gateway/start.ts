/** Opens the gateway's two listeners; everything it depends on comes in as an argument. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { sweep } from './acting/end-session.ts';
import { assembleParts, type GatewayDeps } from './assemble-parts.ts';
import { handle } from './pipeline.ts';
import { rawRefusal } from './refusal-answer.ts';
import { createOwnApp } from './routes/own-app.ts';
import { createPrivateApp } from './routes/private-app.ts';
import { startWebhooks } from './webhooks/start-webhooks.ts';
import { readWebhookSecrets } from './webhooks/webhook-secrets.ts';
import { asksForWebSocket, handleUpgrade } from './upgrade/handle-upgrade.ts';

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
const IDLE_CHECK_MS = 100;

/** @throws with a one-line message if a port cannot be listened on, or a webhook's secret cannot be used. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { config } = deps;
  const { limits } = config;
  const webhookKeys = config.webhooks.map(({ secret_file: file }) => readWebhookSecrets(file));
  const latest = new WeakMap<Duplex, ServerResponse>();
  const server = createServer({
    maxHeaderSize: limits.header_bytes,
    headersTimeout: limits.headers_timeout,
    requestTimeout: limits.request_timeout,
    connectionsCheckingInterval: 2_000,
    insecureHTTPParser: false,
    requireHostHeader: false,
    // Nothing is read of a request without a body: it is a seventeenth of what an ordinary GET costs.
    optimizeEmptyRequests: true,
    // Behind an answer that is still being written, a WebSocket would begin in its midst: there the wish is ignored.
    shouldUpgradeCallback: (incoming) =>
      asksForWebSocket(incoming) && latest.get(incoming.socket)?.writableFinished !== false,
  });
  // Above our own limit, so that too many lines are seen and refused rather than silently cut.
  server.maxHeadersCount = 2 * limits.header_lines;
  server.on('request', notYet);
  const port = await listen(server, config.listen.host, config.listen.port);
  const parts = assembleParts(deps, port);
  const webhooks = startWebhooks(parts, webhookKeys, Math.random);
  const own = await createOwnApp(deps.keys, parts, deps.pages);
  const serveOwn = own.routing.bind(own);
  const defect = (error: unknown): void =>
    parts.log.error({ err: error }, 'a request failed on a defect of ours');

  server.off('request', notYet);
  let stopping = false;
  server.on('request', (incoming, response) => {
    latest.set(incoming.socket, response);
    if (stopping) response.shouldKeepAlive = false;
    handle(incoming, response, parts, serveOwn).catch((error: unknown) => {
      defect(error);
      response.destroy();
    });
  });
  // Answered after the decision, when the body is first read; until then no byte of it is asked for.
  server.on('checkContinue', (incoming, response) => {
    incoming.once('resume', () => {
      // What was refused unread is thrown away, and that is a way of reading as well.
      if (!response.headersSent) response.writeContinue();
    });
    server.emit('request', incoming, response);
  });
  server.on('checkExpectation', (incoming, response) => server.emit('request', incoming, response));
  server.on('upgrade', (incoming, socket, head) => {
    handleUpgrade(incoming, head, parts).catch((error: unknown) => {
      defect(error);
      socket.destroy();
    });
  });
  server.on('connect', (_incoming, socket) => {
    // Node has let go of this socket: an error that nobody hears would end the process.
    socket.on('error', () => socket.destroy());
    socket.end(rawRefusal(405));
  });
  // Each further piece of what is wrong comes here again.
  const refusedLater = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (refusedLater.has(socket)) return;
    const refuse = (): void => {
      if (socket.writable) socket.end(rawRefusal(CLIENT_ERROR_STATUS[error.code ?? ''] ?? 400));
    };
    const before = latest.get(socket);
    // What is wrong stands behind a whole request, whose answer comes first.
    if (before !== undefined && before.req.complete && !before.writableFinished) {
      refusedLater.add(socket);
      // A decorated page has all the listeners that Node thinks well of already.
      before.setMaxListeners(before.getMaxListeners() + 1).once('close', refuse);
    } else if (!socket.writable || isBusy(before)) socket.destroy();
    else refuse();
  });

  const privateApp = createPrivateApp(parts, () => stopping);
  const privateUrl = await privateApp.listen({ ...config.private_listen }).catch(async (error: unknown) => {
    // Half a gateway is none: nothing of it may keep the process alive.
    await Promise.all([
      closeServer(server),
      own.close(),
      webhooks.close(),
      deps.sessions.close(),
      parts.closeUpstream(),
    ]);
    throw error;
  });
  let sweeping: Promise<void> | null = null;
  const sweepOnce = (): Promise<void> => {
    sweeping ??= Promise.all([sweep(parts), parts.blockedRows.flush()])
      .then(() => undefined)
      .finally(() => {
        sweeping = null;
      });
    return sweeping;
  };
  // Waits for no store: what belongs to an ended session is cut, whatever else takes its time.
  const tick = (): Promise<void> => {
    try {
      parts.openAnswers.look();
    } catch (error) {
      defect(error);
    }
    return sweepOnce();
  };
  let closing: Promise<void> | null = null;
  const timer = setInterval(() => void tick().catch(defect), SWEEP_EVERY_MS);

  return {
    url: config.public_url ?? `http://localhost:${port}`,
    privateUrl,
    sweep: tick,
    // Told to twice, it closes once.
    close: () => (closing ??= close()),
  };

  async function close(): Promise<void> {
    stopping = true;
    // Connections that wait to be accepted are lost when the port closes: by then nobody should be sending any.
    await sleep(limits.stop_delay);
    clearInterval(timer);
    parts.log.info(parts.underWay.counts(), 'stopping; requests under way are finished');
    const finished = Promise.all([closeServer(server), parts.underWay.stop()]);
    await Promise.race([finished, sleep(FINISH_MS, undefined, { ref: false })]);
    server.closeAllConnections();
    await own.close();
    await privateApp.close();
    await sweeping?.catch(() => undefined);
    await webhooks.close();
    await parts.blockedRows.flush(true);
    await deps.sessions.close();
    await parts.closeUpstream();
  }
}

/** The port is open a moment before everything behind it is. */
function notYet(_incoming: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': '1', connection: 'close', 'content-length': '0' }).end();
}

const CLIENT_ERROR_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Whether something written to the connection now would stand in the middle of an answer, or before its turn. */
function isBusy(response: ServerResponse | undefined): boolean {
  if (response === undefined || response.writableFinished) return false;
  // An answer that waits behind an earlier one has no socket yet.
  return response.socket === null || response.headersSent;
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
    // A connection that was busy is idle when its answer is over, and would be kept for the next request.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    server.close(() => {
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });
}
