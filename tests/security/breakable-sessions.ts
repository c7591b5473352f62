/** A whole gateway whose session store a test can take away, as when the machine that keeps the sessions is gone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteAuditStore, type SqliteAuditStore } from '../../audit-store/index.ts';
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

export type Trouble = (method: keyof SessionStore) => Error | null;

export type Breakable = {
  readonly gateway: Gateway;
  readonly audit: SqliteAuditStore;
  readonly auditFile: string;
  /** From now on a method for which this answers an error throws it; null makes everything work again. */
  break(trouble: Trouble | null): void;
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
  const audit = await openSqliteAuditStore({ file: config.audit.file, clock, checkEveryMs: 100 });
  const log = createLog('silent');
  const gateway = await startGateway({
    config,
    audit,
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
    async close() {
      trouble = null;
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
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        const error = trouble()?.(name) ?? null;
        if (error === null) {
          const answer: unknown = Reflect.apply(method, target, args);
          return answer;
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
