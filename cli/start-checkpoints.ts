/** Has the record's checkpoints signed and sent where gateway.yaml says. */
import type { KeyObject } from 'node:crypto';
import {
  type AuditLog,
  type AuditStore,
  type Checkpointer,
  fileSender,
  startCheckpointer,
  webhookSender,
} from '../audit-store/index.ts';
import type { Clock, Config } from '../gateway/index.ts';

export type StartCheckpointsOptions = {
  readonly config: Config;
  /** Signs; Ed25519. */
  readonly key: KeyObject;
  readonly audit: AuditStore;
  readonly clock: Clock;
  readonly log: AuditLog;
};

export function startCheckpoints(options: StartCheckpointsOptions): Checkpointer {
  const { config, key: privateKey, audit, clock, log } = options;
  const { origin, every_rows: everyRows, every: everyMs, file, webhook } = config.audit.checkpoints;
  return startCheckpointer({
    store: audit,
    signer: { name: origin, privateKey },
    senders: [
      ...(file === undefined ? [] : [fileSender(file, log)]),
      ...(webhook === undefined ? [] : [webhookSender({ url: webhook, log })]),
    ],
    everyRows,
    everyMs,
    clock,
    log,
  });
}
