/** As much of two untyped packages as the bench uses. */

declare module 'autocannon' {
  export type Load = {
    url: string;
    method: string;
    headers: Readonly<Record<string, string>>;
    body?: string;
    connections: number;
    duration: number;
    sampleInt: number;
    timeout: number;
  };
  export type Result = {
    requests: { total: number };
    latency: { p50: number; p99: number };
    duration: number;
    non2xx: number;
    errors: number;
    resets: number;
  };
  export default function autocannon(load: Load): Promise<Result>;
}

declare module 'http-proxy' {
  import type { Agent, IncomingMessage, ServerResponse } from 'node:http';
  type Proxy = {
    web(incoming: IncomingMessage, response: ServerResponse): void;
    on(
      event: 'error',
      listener: (error: Error, incoming: IncomingMessage, response: ServerResponse) => void,
    ): void;
  };
  const httpProxy: { createProxyServer(options: { target: string; agent: Agent; xfwd: boolean }): Proxy };
  export default httpProxy;
}
