/** The connections to the market app: pools of which none waits for what is slow in another; its certificate is always verified. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { buildConnector, Pool, type Dispatcher } from 'undici';
import type { Config } from '../config/index.ts';
import type { Sender } from './forward.ts';

/** Beside those for requests: a question is short, and waits for no upload that somebody sends byte by byte. */
const FOR_QUESTIONS = 64;

export type UpstreamClients = {
  /** A request whose body comes as fast as somebody sends it has connections beside the others', as many as these. */
  readonly requests: Sender;
  /** For what the gateway asks of its own accord: who somebody is, whom it can find. */
  readonly questions: Dispatcher;
  readonly close: () => Promise<void>;
};

/** @throws if `ca_file` cannot be read. */
export function createUpstreamClients(upstream: Config['upstream']): UpstreamClients {
  const connect = connectorTo(upstream);
  const poolOf = (connections: number): Pool =>
    new Pool(upstream.url, {
      connections,
      pipelining: 1,
      allowH2: false,
      headersTimeout: upstream.headers_timeout,
      bodyTimeout: upstream.body_timeout,
      maxHeaderSize: 64 * 1024,
      connect,
    });
  const plain = poolOf(upstream.connections);
  const uploads = poolOf(upstream.connections);
  const questions = poolOf(FOR_QUESTIONS);
  return {
    requests: {
      dispatch: (options, handler) =>
        (options.body instanceof Readable ? uploads : plain).dispatch(options, handler),
    },
    questions,
    async close() {
      await Promise.all([plain.close(), uploads.close(), questions.close()]);
    },
  };
}

function connectorTo(upstream: Config['upstream']): buildConnector.connector {
  const connect = buildConnector({
    timeout: upstream.connect_timeout,
    // Settled as HTTP/1.1, sent as HTTP/1.1: no second framing, no pseudo-headers.
    allowH2: false,
    rejectUnauthorized: true,
    ...(upstream.ca_file === undefined ? {} : { ca: readFileSync(upstream.ca_file) }),
  });
  const { hostname } = new URL(upstream.url);
  // The name that the certificate must bear is the app's, not the one in the Host header that a browser chose. An
  // address is no name to ask for (RFC 6066 section 3); the certificate is checked against it all the same.
  const servername = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0 ? hostname : '';
  return (options, callback) => connect({ ...options, servername }, callback);
}
