/** The policy page of a running gateway: for reviewers only, of what is in force now, and honest about a reload that failed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

const POLICY = '/admin/impersonation-audit/policy';

let system: System;
let mia: Visitor;
beforeAll(async () => {
  system = await startSystem();
  mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
});
afterAll(() => system.close());

it('is for reviewers', async () => {
  const sam = visitor(system.url);
  await sam.signIn('sam@valley.example');
  expect((await sam.visit(POLICY)).status).toBe(403);
  expect((await visitor(system.url).visit(POLICY)).status).toBe(401);
});

it('shows what is in force, answers a question, and tells of a file that cannot be used', async () => {
  const page = await (await mia.visit(`${POLICY}?method=PUT&path=/api/password`)).text();
  expect(page).toContain('id="rule-change-password"');
  expect(page).toContain('block by rule change-password (PUT /api/password)');
  expect(page).not.toContain('refused-title');
  const hash = /class="hash">([0-9a-f]{64})</.exec(page)?.[1];

  const file = join(system.folder, 'policy.yaml');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replace('expect: confirm', 'expect: allow'));
  await system.gateway.reloadPolicy();
  const failed = await (await mia.visit(POLICY)).text();
  expect(failed).toContain('refused-title');
  expect(failed).toContain('but the policy answers confirm by rule sign-out');
  expect(failed).toContain(hash);

  writeFileSync(file, `${good}# mended\n`);
  await system.gateway.reloadPolicy();
  const mended = await (await mia.visit(POLICY)).text();
  expect(mended).not.toContain('refused-title');
  expect(mended).toContain('SIGHUP');
  expect(mended).not.toContain(hash);
});
