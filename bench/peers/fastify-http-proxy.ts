/** A process: @fastify/http-proxy as its documentation sets it up, on the same undici pool, writing X-Forwarded-*. */
import proxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const [, , port = '0', upstream = ''] = process.argv;

const app = Fastify({ logger: false });
await app.register(proxy, {
  upstream,
  undici: { connections: 256, pipelining: 1 },
  disableRequestLogging: true,
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => ({
      ...headers,
      host: request.headers.host,
      'x-forwarded-for': request.raw.socket.remoteAddress,
      'x-forwarded-host': request.headers.host,
      'x-forwarded-proto': 'http',
    }),
  },
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
