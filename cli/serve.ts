/** Opens keys, record and sessions, and starts the gateway on them: what `understudy serve` and the demo share. */
import type { DestinationStream } from 'pino';
import { openSqliteAuditStore } from '../audit-store/index.ts';
import {
  createLog,
  createPolicyInForce,
  createMemorySessionStore,
  loadConfig,
  openKeyRing,
  startGateway,
  type Clock,
  type Gateway,
} from '../gateway/index.ts';
import { auditPages } from './audit-pages.ts';
import { portTrouble } from './port-trouble.ts';

export type ServeOptions = {
  /** Path of gateway.yaml. */
  readonly configFile: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly logTo?: DestinationStream;
};

export type Served = Gateway & {
  /** Reads policy.yaml again, as SIGHUP asks for. */
  reloadPolicy(): Promise<void>;
};

/** The configuration was read and is wrong; the message is the whole report, a mistake a line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** @throws ConfigurationError, or an error with a one-line message naming what could not be opened. */
export async function serve(options: ServeOptions): Promise<Served> {
  const loaded = loadConfig(options.configFile, options.environment);
  if (!loaded.ok) throw new ConfigurationError(loaded.report);
  const { config } = loaded;
  const clock = options.clock ?? { now: () => Date.now() };
  const log = createLog(config.log.level, options.logTo);
  const keys = await openKeyRing(config.keys.folder, config.delegation.algorithm);
  const audit = await openSqliteAuditStore({ file: config.audit.file, clock });
  try {
    const sessions = createMemorySessionStore();
    const live = new Set((await sessions.list(clock.now())).map(({ id }) => id));
    const recovered = await audit.recover((id) => live.has(id));
    if (recovered.intents + recovered.sessions > 0)
      log.warn(recovered, 'completed what an earlier run left open');
    const { policyFile: file } = config;
    const policy = createPolicyInForce({ file, policy: loaded.policy, audit, clock, log });
    const gateway = await startGateway({
      config,
      policy,
      keys,
      audit,
      sessions,
      clock,
      log,
      pages: auditPages,
    });
    log.info({ url: gateway.url, upstream: config.upstream.url, policy: loaded.policy.hash }, 'listening');
    const unfollow = policy.follow();
    return {
      ...gateway,
      reloadPolicy: () => policy.reload('signal'),
      async close() {
        unfollow();
        await gateway.close();
        await audit.close();
      },
    };
  } catch (error) {
    await audit.close();
    const trouble = portTrouble(error, config);
    throw trouble === null ? error : new Error(trouble, { cause: error });
  }
}
