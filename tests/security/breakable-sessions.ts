/** A whole gateway whose session store or record a test can take away, as when the machine that keeps the sessions is gone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteAuditStore, type AuditStore, type SqliteAuditStore } from '../../audit-store/index.ts';
import { auditPages } from '../../cli/audit-pages.ts';
import {
  createLog,
  createMemorySessionStore,
  createPolicyInForce,
  loadConfig,
  openKeyRing,
  startGateway,
  type Gateway,
  type SessionStore,
} from '../../gateway/index.ts';
import { writeSetup } from './gateway-process.ts';

type LinkMethod = `links.${keyof SessionStore['links']}`;
/** A promise makes a call wait for it. */
export type Trouble = (method: keyof SessionStore | LinkMethod) => Error | Promise<void> | null;
export type RecordTrouble = (method: 'append' | 'intend') => Error | null;

export type Breakable = {
  readonly gateway: Gateway;
  readonly audit: SqliteAuditStore;
  readonly auditFile: string;
  /** From now on a method for which this answers an error throws it; null makes everything work again. */
  break(trouble: Trouble | null): void;
  /** The same of the record. */
  breakRecord(trouble: RecordTrouble | null): void;
  close(): Promise<void>;
};

export async function startBreakable(
  upstreamUrl: string,
  edit: Parameters<typeof writeSetup>[1] = {},
): Promise<Breakable> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-breakable-'));
  const loaded = loadConfig(writeSetup(folder, edit), {
    PORT: '0',
    PRIVATE_PORT: '0',
    UPSTREAM_URL: upstreamUrl,
    LOG_LEVEL: 'silent',
  });
  if (!loaded.ok) throw new Error(loaded.report);
  const { config } = loaded;
  const clock = { now: () => Date.now() };
  let trouble: Trouble | null = null;
  let recordTrouble: RecordTrouble | null = null;
  const audit = await openSqliteAuditStore({ file: config.audit.file, clock, checkEveryMs: 100 });
  const log = createLog('silent');
  const gateway = await startGateway({
    config,
    audit: breakableRecord(audit, () => recordTrouble),
    clock,
    log,
    policy: createPolicyInForce({ file: config.policyFile, policy: loaded.policy, audit, clock, log }),
    keys: await openKeyRing(config.keys.folder, config.delegation.algorithm),
    sessions: breakable(createMemorySessionStore(), () => trouble),
    pages: auditPages,
  });
  return {
    gateway,
    audit,
    auditFile: config.audit.file,
    break(next) {
      trouble = next;
    },
    breakRecord(next) {
      recordTrouble = next;
    },
    async close() {
      trouble = null;
      recordTrouble = null;
      await gateway.close();
      await audit.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asynchronous methods reject, synchronous ones throw, as those of a real client would. */
function breakable(store: SessionStore, trouble: () => Trouble | null): SessionStore {
  return new Proxy(store, {
    get(target, name: keyof SessionStore) {
      if (name === 'links') return breakableLinks(store.links, trouble);
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        const error = trouble()?.(name) ?? null;
        if (error === null || error instanceof Promise) {
          const work = (): unknown => Reflect.apply(method, target, args);
          return error === null ? work() : error.then(work);
        }
        // These two say what is wrong, or that nothing came of it, and throw at nobody.
        if (name === 'health') return { ok: false, trouble: 'unreachable' };
        if (name === 'acknowledge') return Promise.resolve();
        if (name === 'liveCount' || name === 'liveFor' || name === 'onEnd') throw error;
        return Promise.reject(error);
      };
    },
  });
}

function breakableLinks(links: SessionStore['links'], trouble: () => Trouble | null): SessionStore['links'] {
  return new Proxy(links, {
    get(target, name: keyof SessionStore['links']) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        const error = trouble()?.(`links.${name}`) ?? null;
        const work = (): unknown => Reflect.apply(method, target, args);
        if (error instanceof Promise) return error.then(work);
        return error === null ? work() : Promise.reject(error);
      };
    },
  });
}

function breakableRecord(audit: SqliteAuditStore, trouble: () => RecordTrouble | null): AuditStore {
  return {
    ...audit,
    append(event, completes) {
      const error = trouble()?.('append') ?? null;
      return error === null ? audit.append(event, completes) : Promise.reject(error);
    },
    intend(event) {
      const error = trouble()?.('intend') ?? null;
      return error === null ? audit.intend(event) : Promise.reject(error);
    },
  };
}
