/**
 * The story: the app was restarting. A shopper on a train lost the connection in the middle of an upload, and the gateway
 * died: the PassThrough between browser and undici is destroyed with an error while undici has not yet put a listener on
 * it (the request is still queued: connecting, app down, or every connection of the pool busy).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { portOf } from './port-of.ts';
import { startGatewayProcess, writeSetup } from './gateway-process.ts';
import { message } from './raw-exchange.ts';

for (const framing of ['Content-Length: 2000', 'Transfer-Encoding: chunked']) {
  test(`an upload that breaks off while it waits for a connection to the app (${framing})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-abort-'));
    // Never answers: two uploads take both connections for such, the third waits. (With one connection undici takes another way.)
    const busy = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const configFile = writeSetup(folder, {
      gateway: (yaml) => yaml.replace('  connect_timeout: 5s', '  connect_timeout: 5s\n  connections: 2'),
    });
    const gateway = await startGatewayProcess(configFile, {
      UPSTREAM_URL: `http://127.0.0.1:${portOf(busy)}`,
    });
    const { host, port } = new URL(gateway.url);
    const send = (payload: string) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(payload));
      return socket.on('error', () => undefined);
    };
    try {
      const first = [1, 2].map(() =>
        send(message(['POST /slow HTTP/1.1', `Host: ${host}`, 'Content-Length: 2'], 'ab')),
      );
      await sleep(200);
      const second = send(
        message(
          ['POST /api/orders HTTP/1.1', `Host: ${host}`, framing],
          framing.startsWith('T') ? '5\r\nabc' : 'abc',
        ),
      );
      await sleep(200);
      second.resetAndDestroy();
      const died = await Promise.race([
        gateway.ended.then(({ stderr }) => stderr.slice(0, 300)),
        sleep(1_500).then(() => null),
      ]);
      for (const socket of first) socket.destroy();
      expect(died, 'the gateway is still there').toBeNull();
    } finally {
      gateway.kill('SIGKILL');
      busy.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
