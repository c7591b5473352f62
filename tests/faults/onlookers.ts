/** Three kinds of people while something is broken: one who acts, one who shops, one who reviews; each tells what they saw. */
import { expect } from 'vitest';
import { z } from 'zod';
import { jsonOf } from '../security/json-of.ts';
import { visitor, type Visitor } from '../visitor.ts';

export type Onlookers = {
  /** In Sam's seat; reads, writes, and a colleague who wants to start. */
  acting(): Promise<string>;
  ordinary(): Promise<string>;
  /** The audit log, and the word of the health check. */
  reviewing(): Promise<string>;
  /** Ends Mia's session. */
  stopping(): Promise<string>;
  /** Seats Mia in Sam's seat. */
  seat(): Promise<void>;
  readonly mia: Visitor;
};

const problem = z.looseObject({ code: z.string().optional() }).catch({});

/** Status, and the code of a refusal; whoever gets no answer at all says that. */
export async function told(asked: Promise<Response>): Promise<string> {
  const response = await asked.catch(() => null);
  if (response === null) return 'no answer';
  if (response.status < 400) {
    await response.arrayBuffer();
    return String(response.status);
  }
  const { code } = await jsonOf(response, problem);
  return code === undefined ? String(response.status) : `${response.status} \`${code}\``;
}

/** @param withinMs how long anybody may have to wait for any answer */
export function onlookers(
  gateway: { readonly url: string; readonly privateUrl: string },
  withinMs: number,
): Onlookers {
  const person = (id: string): Visitor => {
    const browser = visitor(gateway.url);
    browser.cookies.set('market_session', id);
    return browser;
  };
  const mia = person('u-mia');
  const soon = async (what: string, asked: () => Promise<Response>): Promise<string> => {
    const began = performance.now();
    const answer = await told(asked());
    expect(performance.now() - began, what).toBeLessThan(withinMs);
    return `${what} ${answer}`;
  };
  return {
    mia,
    seat: () => mia.actAs('u-sam'),
    async acting() {
      const reads = await soon('reads', () => mia.get('/api/cart'));
      const writes = await soon('writes', () => mia.send('POST', '/api/orders', {}));
      const mo = person('u-mo');
      const starts = await soon('starting', () => mo.send('POST', '/_act-as/sessions', { subject: 'u-sue' }));
      if (mo.cookies.size > 1) await mo.stop();
      return `${reads}, ${writes}, ${starts}`;
    },
    async ordinary() {
      const sue = person('u-sue');
      const reads = await soon('reads', () => sue.get('/market'));
      return `${reads}, ${await soon('writes', () => sue.send('POST', '/api/orders', {}))}`;
    },
    async reviewing() {
      const log = await soon('log', () => person('u-root').get('/admin/impersonation-audit/events.json'));
      const ready = await fetch(`${gateway.privateUrl}/_act-as/health/ready`);
      const { checks } = await jsonOf(
        ready,
        z.looseObject({ checks: z.looseObject({ record: z.string(), sessions: z.string() }) }),
      );
      const sessions = checks.sessions === 'ok' ? '' : `: sessions ${checks.sessions}`;
      const why = checks.record === 'ok' ? sessions : `: ${checks.record}`;
      return `${log}, ready ${ready.status}${why.replaceAll(/\/tmp\/[^ :;]+\//g, '')}`;
    },
    stopping: () => soon('stopping', () => mia.stop()),
  };
}
