/**
 * The story: one request of five lines, from anybody, signed in or not, ended the gateway and with it every act-as
 * session. `Expect: 100-continue` on a request that is answered without its body being read: Node drains the body after
 * the answer, which emits `resume`, and `writeContinue()` then throws ERR_HTTP_HEADERS_SENT out of an event listener.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startGatewayProcess, writeSetup } from './gateway-process.ts';
import { startLenientUpstream } from './lenient-upstream.ts';
import { message, rawExchange } from './raw-exchange.ts';

const refusedUnread = [
  ['a name we do not serve', 'POST / HTTP/1.1', 'Host: elsewhere.example'],
  ['a dead act-as cookie', 'POST /api/orders HTTP/1.1', 'Cookie: act_as=x'],
  ['a route of ours', 'POST /_act-as/stop HTTP/1.1'],
] as const;

for (const [what, line, ...headers] of refusedUnread) {
  test(`a request that expects 100-continue and is refused at once: ${what}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-expect-'));
    const upstream = await startLenientUpstream();
    const gateway = await startGatewayProcess(writeSetup(folder), { UPSTREAM_URL: upstream.url });
    try {
      const own = headers.some((header) => header.startsWith('Host:'))
        ? []
        : [`Host: ${new URL(gateway.url).host}`];
      await rawExchange(
        gateway.url,
        message([line, ...own, ...headers, 'Expect: 100-continue', 'Content-Length: 5']),
      );
      const died = await Promise.race([
        gateway.ended.then(({ stderr }) => stderr.slice(0, 300)),
        sleep(1_500).then(() => null),
      ]);
      expect(died, 'the gateway is still there').toBeNull();
    } finally {
      gateway.kill('SIGKILL');
      await upstream.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
