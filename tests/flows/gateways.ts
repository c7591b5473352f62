/** Several gateways behind no balancer at all: one market, one record, one Redis, a clock the test sets, and no stickiness. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { openSqliteAuditStore, type AuditStore } from '../../audit-store/index.ts';
import { auditPages } from '../../cli/audit-pages.ts';
import {
  createLog,
  createPolicyInForce,
  loadConfig,
  openKeyRing,
  openSessionStore,
  startGateway,
  type Gateway,
  type SessionStore,
} from '../../gateway/index.ts';
import { writeSetup } from '../security/gateway-process.ts';
import { startLenientUpstream, type LenientUpstream } from '../security/lenient-upstream.ts';
import { eventsSeenBy, type EventRow } from '../security/lenient-system.ts';
import { NOON } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

export type Instance = { readonly gateway: Gateway; readonly sessions: SessionStore };

export type Gateways = {
  readonly instances: readonly Instance[];
  readonly upstream: LenientUpstream;
  readonly audit: AuditStore;
  readonly auditFile: string;
  readonly now: () => number;
  /** Everything all of them logged. */
  readonly log: () => string;
  /** Moves everybody's clock on and lets this instance notice, or all of them. */
  pass(ms: number, noticing?: Instance): Promise<void>;
  /** The browser of a person who is signed in, at this instance. */
  person(id: string, at: Instance): Visitor;
  /** The same browser, its next request sent to another instance by the balancer. */
  sentTo(who: Visitor, at: Instance): Visitor;
  /** The record, oldest first. */
  events(): Promise<readonly EventRow[]>;
  close(): Promise<void>;
};

export type GatewaysOptions = {
  /** Milliseconds by which an instance's clock is wrong now, beside the true time, which then is Redis's as well. */
  readonly wrongBy?: readonly (() => number)[];
  readonly editPolicy?: (yaml: string) => string;
  readonly editGateway?: (yaml: string) => string;
};

/** @param redisUrls where each instance finds Redis; as many instances as addresses */
export async function startGateways(
  redisUrls: readonly string[],
  { wrongBy, editPolicy, editGateway }: GatewaysOptions = {},
): Promise<Gateways> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-gateways-'));
  const upstream = await startLenientUpstream();
  const file = writeSetup(folder, {
    ...(editPolicy === undefined ? {} : { policy: editPolicy }),
    ...(editGateway === undefined ? {} : { gateway: editGateway }),
  });
  let now = NOON;
  const clock = { now: () => now };
  const lines: string[] = [];
  const log = createLog(
    'debug',
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    }),
  );
  const auditFile = join(folder, 'audit.db');
  const audit = await openSqliteAuditStore({ file: auditFile, clock });

  async function open(redisUrl: string, index: number): Promise<Instance> {
    const wrong = wrongBy?.[index];
    const own = wrong === undefined ? clock : { now: () => Date.now() + wrong() };
    const loaded = loadConfig(file, {
      PORT: '0',
      PRIVATE_PORT: '0',
      UPSTREAM_URL: upstream.url,
      REDIS_URL: redisUrl,
    });
    if (!loaded.ok) throw new Error(loaded.report);
    const { config, policy } = loaded;
    const sessions = await openSessionStore(config, {
      log,
      clock: own,
      ...(wrong === undefined ? { redisTime: () => now } : {}),
    });
    const gateway = await startGateway({
      config,
      audit,
      clock: own,
      log,
      policy: createPolicyInForce({ file: config.policyFile, policy, audit, clock: own, log }),
      keys: await openKeyRing(config.keys.folder, config.delegation.algorithm),
      sessions,
      pages: auditPages,
    });
    return { gateway, sessions };
  }

  const instances = await Promise.all(redisUrls.map(open));
  const person = (id: string, at: Instance): Visitor => {
    const browser = visitor(at.gateway.url);
    browser.cookies.set('market_session', id);
    return browser;
  };
  return {
    instances,
    upstream,
    audit,
    auditFile,
    now: () => now,
    log: () => lines.join(''),
    async pass(ms, noticing) {
      now += ms;
      const noticed = noticing === undefined ? instances : [noticing];
      await Promise.all(noticed.map(({ gateway }) => gateway.sweep()));
    },
    person,
    sentTo(who, at) {
      const browser = visitor(at.gateway.url);
      for (const [name, value] of who.cookies) browser.cookies.set(name, value);
      return browser;
    },
    async events() {
      const [first] = instances;
      if (first === undefined) throw new Error('there is no instance');
      return eventsSeenBy(person('u-root', first));
    },
    async close() {
      await Promise.all(instances.map(({ gateway }) => gateway.close()));
      await audit.close();
      await upstream.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
