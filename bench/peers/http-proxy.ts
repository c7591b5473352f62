/** A process: http-proxy with kept connections and X-Forwarded-*, both of which it leaves off unless told. */
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';

const [, , port = '0', upstream = ''] = process.argv;

const proxy = httpProxy.createProxyServer({
  target: upstream,
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
});
proxy.on('error', (_error, _incoming, response) => {
  if (response.headersSent) response.destroy();
  else response.writeHead(502).end();
});
createServer((incoming, response) => proxy.web(incoming, response)).listen(Number(port), '127.0.0.1');
