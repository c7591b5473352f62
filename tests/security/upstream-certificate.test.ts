/**
 * The story: the upstream's certificate was not checked, because the proxy library does not unless it is asked to. Who
 * could answer at the app's address got every subject token that went there. The certificate is always verified, there
 * is no switch against it, and where it is wrong not one byte of a request leaves.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSystem } from '../system.ts';
import { visitor } from '../visitor.ts';
import { portOf } from './port-of.ts';

const pem = (name: string): string => join(import.meta.dirname, 'certificates', `${name}.pem`);

/** Whatever comes over a handshake that was completed. */
async function startSecure(name: 'other' | 'loopback'): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer(
    { key: readFileSync(pem(`${name}.key`)), cert: readFileSync(pem(`${name}.cert`)) },
    (request, response) => {
      heard.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.end('{}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  onTestFinished(() => server.closeAllConnections());
  return { url: `https://127.0.0.1:${portOf(server)}`, heard };
}

async function ask(upstreamUrl: string, caFile: string | null): Promise<number> {
  const ca = caFile === null ? '' : `\n  ca_file: ${caFile}`;
  const system = await startSystem({
    upstreamUrl,
    editGateway: (yaml) => yaml.replace('connect_timeout: 5s', `connect_timeout: 5s${ca}`),
  });
  onTestFinished(() => system.close());
  const person = visitor(system.url);
  person.cookies.set('market_session', 'secret');
  await person.send('POST', '/_act-as/sessions', { subject: 'u-sam' });
  return (await person.get('/market')).status;
}

test('one that nobody vouches for', async () => {
  const upstream = await startSecure('loopback');
  expect(await ask(upstream.url, null)).toBe(502);
  expect(upstream.heard).toEqual([]);
});

test('one that is trusted but names somebody else', async () => {
  const upstream = await startSecure('other');
  expect(await ask(upstream.url, pem('other.cert'))).toBe(502);
  expect(upstream.heard).toEqual([]);
});

test('one that is trusted and right', async () => {
  const upstream = await startSecure('loopback');
  expect(await ask(upstream.url, pem('loopback.cert'))).toBe(200);
  expect(upstream.heard).toContain('GET /market');
});
