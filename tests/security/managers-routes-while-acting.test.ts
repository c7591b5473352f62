/**
 * The story: a shopper had hidden a script in her own profile and asked to be helped. In the manager's browser it asked
 * `/_act-as/customers` and the audit's JSON, which answer with the manager's own powers while the page is the shopper's:
 * the name and address of every customer, unrecorded. The app itself would have answered 403 in that seat (I-8).
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

let system: System;
let mia: Visitor;
beforeAll(async () => {
  system = await startSystem();
  mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  await mia.actAs('u-sam');
});
afterAll(() => system.close());

const asScript = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
for (const path of [
  '/_act-as/customers?q=a',
  '/_act-as/sessions',
  '/admin/impersonation-audit/events.json',
  '/admin/impersonation-audit/export.csv',
]) {
  test(`while acting, a script gets nothing of the manager’s from ${path}`, async () => {
    const answer = await mia.get(path, asScript);
    expect([401, 403, 409]).toContain(answer.status);
  });
}
