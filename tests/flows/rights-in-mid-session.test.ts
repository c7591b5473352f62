/** The story: a salesman's right to give discounts was taken away at noon, and his session of the morning gave them until two. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { MINUTE } from '../system.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let mia: Visitor;
let policy = '';

beforeAll(async () => {
  lenient = await startLenientSystem({
    editPolicy: (yaml) =>
      (policy = yaml
        .replace(/^tests:[^]*$/m, '')
        .replace(
          'rules:\n',
          'rules:\n  - { id: discount, on: [POST /discount], effect: audit, actors: { roles: [senior] } }\n',
        )),
  });
  mia = lenient.person('u-mia');
  lenient.upstream.people.get('u-mia')?.roles.push('senior');
  await mia.actAs('u-sam');
});
afterAll(() => lenient.close());

const status = async (path: string): Promise<number> => (await mia.send('POST', path, {})).status;

test('what an actor may do is what the app says now, not what it said when the session began', async () => {
  expect(await status('/discount')).toBe(201);
  lenient.upstream.people.get('u-mia')?.roles.pop();
  await lenient.system.pass(MINUTE);
  expect(await status('/discount')).toBe(403);
  expect(await status('/api/orders')).toBe(201);
});

test('a session under way may come to look only, and its banner says so', async () => {
  writeFileSync(
    join(lenient.system.folder, 'policy.yaml'),
    policy.replace('actors: [market_manager], subjects', 'actors: [market_manager], mode: view, subjects'),
  );
  await expect.poll(() => status('/api/orders'), { timeout: 10_000 }).toBe(403);
  lenient.upstream.behave((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><body><h1>Market</h1>');
    return true;
  });
  expect(await (await mia.visit('/market')).text()).toContain('View only');
  lenient.upstream.behave(null);
});
