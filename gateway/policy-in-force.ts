/** The policy in force: replaced whole or not at all, on change of its file or when told to; the last good one stays. */
import { createHash } from 'node:crypto';
import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { AuditUnavailableError, type AuditStore, type PolicyChange } from '../audit-store/index.ts';
import { formatMistakes, loadPolicy, type Policy } from '../policy/index.ts';

export type LoadedBy = PolicyChange['loaded_by'];

export type InForce = {
  readonly policy: Policy;
  readonly file: string;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number;
  readonly loadedBy: LoadedBy;
  /** Why the newest text of the file is not in force, if it is not; a mistake a line. */
  readonly lastFailure: { readonly at: number; readonly report: string } | null;
};

export type PolicyInForce = {
  readonly current: () => InForce;
  /** Reads the file again; resolves when the change is on the record. A text that was read before changes nothing. */
  readonly reload: (by: LoadedBy) => Promise<void>;
  /** Reloads whenever the file changes, however it is written; returns the end of it. */
  readonly follow: () => () => void;
};

export type PolicyInForceDeps = {
  readonly file: string;
  /** What was loaded at start. */
  readonly policy: Policy;
  readonly audit: Pick<AuditStore, 'policyChanged'>;
  readonly clock: { now(): number };
  readonly log: Logger;
};

/** Editors and orchestrators write a file in several steps. */
const SETTLES_MS = 100;

export function createPolicyInForce({ file, policy, audit, clock, log }: PolicyInForceDeps): PolicyInForce {
  let inForce: InForce = { policy, file, loadedAt: clock.now(), loadedBy: 'start', lastFailure: null };
  let lastRead = policy.hash;
  let under: Promise<void> = record({ hash: policy.hash, loaded_by: 'start', problem: null });

  async function record(change: PolicyChange): Promise<void> {
    try {
      await audit.policyChanged(change);
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error;
      log.error({ policy: change.hash, problem: change.problem }, 'a change of policy is not on the record');
    }
  }

  function read(by: LoadedBy): PolicyChange | null {
    const text = textOf(file);
    if (text.ok && text.hash === lastRead) return null;
    lastRead = text.hash;
    const loaded = text.ok ? loadPolicy(text.value) : null;
    if (loaded?.ok === true) {
      inForce = { policy: loaded.policy, file, loadedAt: clock.now(), loadedBy: by, lastFailure: null };
      log.info({ policy: loaded.policy.hash, by }, 'policy loaded');
      return { hash: loaded.policy.hash, loaded_by: by, problem: null };
    }
    const report = loaded === null ? text.value : formatMistakes(file, loaded.mistakes);
    inForce = { ...inForce, lastFailure: { at: clock.now(), report } };
    log.error({ kept: inForce.policy.hash, by, report }, 'policy refused; the one in force stays');
    return { hash: text.hash, loaded_by: by, problem: report.split('\n', 1)[0] ?? '' };
  }

  function reload(by: LoadedBy): Promise<void> {
    under = under.then(() => {
      const change = read(by);
      return change === null ? undefined : record(change);
    });
    return under;
  }

  return {
    current: () => inForce,
    reload,
    follow() {
      let settling: NodeJS.Timeout | undefined;
      // The folder, because a file that is replaced by renaming is another file.
      const watcher = watch(dirname(file), { persistent: false }, () => {
        clearTimeout(settling);
        settling = setTimeout(() => void reload('file'), SETTLES_MS);
      });
      watcher.on('error', (error) => log.error({ err: error }, 'the policy file is no longer watched'));
      return () => {
        clearTimeout(settling);
        watcher.close();
      };
    },
  };
}

type Text = { readonly ok: boolean; readonly value: string; readonly hash: string };

function textOf(file: string): Text {
  try {
    const value = readFileSync(file, 'utf8');
    return { ok: true, value, hash: createHash('sha256').update(value).digest('hex') };
  } catch (error) {
    const value = `${file}: cannot be read (${error instanceof Error ? error.message : 'unknown error'})`;
    return { ok: false, value, hash: '' };
  }
}
