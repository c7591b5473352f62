/** One id names a request everywhere: in the answer, at the upstream, in the record and in the log. */
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startSystem, type System } from '../system.ts';
import { portOf } from '../security/port-of.ts';
import { visitor } from '../visitor.ts';

const recordSchema = z.object({
  events: z.array(z.object({ action: z.string(), request_id: z.string().nullable() })),
});
const seen = new Map<string, string>();
let system: System;
let market: string;

const HOP = new Set(['connection', 'transfer-encoding', 'host', 'content-length']);

/** Notes the id of each request on its way to the market. */
const listener = createServer((incoming, response) => {
  seen.set(`${incoming.method ?? ''} ${incoming.url ?? ''}`, String(incoming.headers['x-request-id']));
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) {
      if (!HOP.has(name) && typeof value === 'string') headers.set(name, value);
    }
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    void fetch(market + (incoming.url ?? ''), {
      method: incoming.method ?? 'GET',
      headers,
      ...body,
      redirect: 'manual',
    }).then(async (answer) => {
      const type = answer.headers.get('content-type');
      response.writeHead(answer.status, {
        ...(type === null ? {} : { 'content-type': type }),
        'set-cookie': answer.headers.getSetCookie(),
      });
      return response.end(Buffer.from(await answer.arrayBuffer()));
    });
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  system = await startSystem({ upstreamUrl: `http://127.0.0.1:${portOf(listener)}` });
  market = system.market.url;
});
afterAll(async () => {
  await system.close();
  listener.close();
});

it('is the same for an order in the answer, upstream, in the record and, for a refusal, in the log', async () => {
  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  await mia.actAs('u-sam');
  const ordered = await mia.send('POST', '/api/orders', { card_id: '1' });
  expect(ordered.status).toBe(201);
  const id = ordered.headers.get('x-request-id');
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen.get('POST /api/orders')).toBe(id);

  const blocked = await mia.send('PUT', '/api/password', {});
  const blockedId = blocked.headers.get('x-request-id');
  expect(system.log()).toContain(`"request_id":"${blockedId ?? 'none'}"`);

  await mia.stop();
  const { events } = recordSchema.parse(
    await (await mia.get('/admin/impersonation-audit/events.json')).json(),
  );
  expect(events.find(({ action }) => action === 'place_order')?.request_id).toBe(id);
  expect(events.find(({ action }) => action === 'change_password_blocked')?.request_id).toBe(blockedId);
});
