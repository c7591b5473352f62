/** A policy is replaced while sessions are under way: whole or not at all, and on the record either way. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

let system: System;
let mia: Visitor;
let file: string;
let original: string;

beforeEach(async () => {
  system = await startSystem();
  file = join(system.folder, 'policy.yaml');
  original = readFileSync(file, 'utf8');
  mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  await mia.actAs('u-sam');
});
afterEach(() => system.close());

/** The shipped policy, but the cart is off-limits too. */
const withoutCart = (): string =>
  original
    .replace(/( {2}- id: add-to-cart\n {4}on: .*\n {4}effect: )audit/, '$1block')
    // Tests written for the old rule would refuse the new one, as they should.
    .replace(/^tests:[^]*$/m, '');

const addToCart = (): Promise<Response> =>
  mia.send('POST', '/api/cart/items', { product_id: 'sourdough', quantity: 1 });

async function readiness(): Promise<unknown> {
  return (await fetch(`${system.privateUrl}/_act-as/health/ready`)).json();
}

describe('a new policy', () => {
  it('holds for a session under way from its next request, when asked for by a signal', async () => {
    expect((await addToCart()).status).toBe(201);
    writeFileSync(file, withoutCart());
    await system.gateway.reloadPolicy();
    expect((await addToCart()).status).toBe(403);
    expect(await readiness()).toMatchObject({ status: 'ok', checks: { policy: 'ok' } });
  });

  it('is noticed by itself when the file is replaced, as editors do', async () => {
    writeFileSync(`${file}.new`, withoutCart());
    renameSync(`${file}.new`, file);
    await expect.poll(async () => (await addToCart()).status, { timeout: 5_000 }).toBe(403);
  });

  it('that is broken changes nothing, is said aloud, and heals when the file does', async () => {
    writeFileSync(file, `${original}\nrulez: []\n`);
    await system.gateway.reloadPolicy();
    expect((await addToCart()).status).toBe(201);
    expect((await mia.send('PUT', '/api/password', {})).status).toBe(403);
    expect(await readiness()).toMatchObject({ status: 'ok', checks: { policy: 'stale' } });
    expect(system.log()).toContain('policy refused; the one in force stays');
    const metrics = await (await fetch(`${system.privateUrl}/_act-as/metrics`)).text();
    expect(metrics).toContain('understudy_policy_stale 1');

    writeFileSync(file, original);
    await system.gateway.reloadPolicy();
    expect(await readiness()).toMatchObject({ checks: { policy: 'ok' } });
  });

  it('that cannot be read changes nothing either', async () => {
    renameSync(file, `${file}.gone`);
    await system.gateway.reloadPolicy();
    expect((await addToCart()).status).toBe(201);
    expect(await readiness()).toMatchObject({ checks: { policy: 'stale' } });
  });
});
