/** Opens keys, record and sessions, and starts the gateway on them: what `understudy serve` and the demo share. */
import type { DestinationStream } from 'pino';
import {
  createLog,
  createPolicyInForce,
  openCheckpointKey,
  loadConfig,
  openKeyRing,
  openSessionStore,
  startGateway,
  type Clock,
  type Gateway,
} from '../gateway/index.ts';
import { auditPages } from './audit-pages.ts';
import { ConfigurationError } from './configuration-error.ts';
import { openRecord } from './open-record.ts';
import { portTrouble } from './port-trouble.ts';
import { startCheckpoints } from './start-checkpoints.ts';

export { ConfigurationError };

export type ServeOptions = {
  /** Path of gateway.yaml. */
  readonly configFile: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  /** Beside a clock of a test: milliseconds by one that is never set. */
  readonly monotonic?: () => number;
  readonly logTo?: DestinationStream;
};

export type Served = Gateway & {
  /** Reads policy.yaml again, as SIGHUP asks for. */
  reloadPolicy(): Promise<void>;
};

/** @throws ConfigurationError, or an error with a one-line message naming what could not be opened. */
export async function serve(options: ServeOptions): Promise<Served> {
  const loaded = loadConfig(options.configFile, options.environment);
  if (!loaded.ok) throw new ConfigurationError(loaded.report);
  const { config } = loaded;
  const clock = options.clock ?? { now: () => Date.now() };
  const monotonic = options.clock === undefined ? () => performance.now() : options.monotonic;
  const log = createLog(config.log.level, options.logTo);
  const keys = await openKeyRing(config.keys.folder, config.delegation.algorithm, () => clock.now());
  const checkpointKey = await openCheckpointKey(config.keys.folder);
  const sessions = await openSessionStore(config, {
    log,
    clock,
    // A test that sets the clock sets it for Redis too.
    ...(options.clock === undefined ? {} : { redisTime: () => clock.now() }),
  });
  const audit = await openRecord({ file: config.audit.file, url: config.auditUrl, clock, sessions, log });
  try {
    const { policyFile: file } = config;
    const policy = createPolicyInForce({ file, policy: loaded.policy, audit, clock, log });
    const gateway = await startGateway({
      config,
      policy,
      keys,
      audit,
      sessions,
      clock,
      ...(monotonic === undefined ? {} : { monotonic }),
      log,
      pages: auditPages,
    });
    log.info(
      {
        url: gateway.url,
        private_url: gateway.privateUrl,
        upstream: config.upstream.url,
        policy: loaded.policy.hash,
      },
      'listening',
    );
    const checkpoints = startCheckpoints({ config, key: checkpointKey, audit, clock, log });
    const unfollow = policy.follow();
    const unfollowKeys = keys.follow((error) =>
      log.error({ err: error }, 'the keys could not be read again'),
    );
    return {
      ...gateway,
      reloadPolicy: () => policy.reload('signal'),
      async close() {
        unfollow();
        unfollowKeys();
        await gateway.close();
        await checkpoints.close();
        await audit.close();
      },
    };
  } catch (error) {
    await audit.close();
    const trouble = portTrouble(error, config);
    throw trouble === null ? error : new Error(trouble, { cause: error });
  }
}
