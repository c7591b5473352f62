/**
 * The story: a few hundred uploads that said one byte now and then held every connection to the app. No shopper saw a page,
 * the gateway could not ask who anybody was, and everybody who acted was refused for as long as it lasted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { visitor } from '../visitor.ts';
import { startGatewayProcess, writeSetup } from './gateway-process.ts';
import { startLenientUpstream } from './lenient-upstream.ts';
import { message } from './raw-exchange.ts';

const CONNECTIONS = 4;

test('slow uploads keep nobody from reading, and nobody from acting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-held-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  const configFile = writeSetup(folder, {
    gateway: (yaml) =>
      yaml.replace('  connect_timeout: 5s', `  connect_timeout: 5s\n  connections: ${CONNECTIONS}`),
  });
  const gateway = await startGatewayProcess(configFile, { UPSTREAM_URL: upstream.url });
  onTestFinished(async () => {
    gateway.kill('SIGKILL');
    await gateway.ended;
  });

  const { host, port } = new URL(gateway.url);
  const uploads = Array.from({ length: CONNECTIONS + 2 }, (): Socket =>
    connect(Number(port), '127.0.0.1').on('error', () => undefined),
  );
  onTestFinished(() => {
    for (const socket of uploads) socket.destroy();
  });
  for (const socket of uploads)
    socket.write(message(['POST /api/orders HTTP/1.1', `Host: ${host}`, 'Content-Length: 1000'], 'a'));
  const uploading = (): Promise<string> =>
    fetch(`${gateway.url}/api/orders`, { method: 'POST', body: '{}', signal: AbortSignal.timeout(300) }).then(
      () => 'answered',
      () => 'waits',
    );
  await expect.poll(uploading).toBe('waits');

  expect((await fetch(`${gateway.url}/market`)).status).toBe(200);
  const mia = visitor(gateway.url);
  mia.cookies.set('market_session', 'u-mia');
  await mia.actAs('u-sam');
  expect((await mia.send('POST', '/api/orders', {})).status).toBe(201);
});
