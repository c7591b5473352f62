/** The policy in force: replaced whole or not at all, on change of its file or when told to; the last good one stays. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { AuditUnavailableError, type AuditStore, type PolicyChange } from '../audit-store/index.ts';
import { formatMistakes, loadPolicy, type Policy } from '../policy/index.ts';
import { followFile } from './follow-file.ts';

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
  /**
   * Reads the file again; resolves when the change is on the record, or on the log why it is not. What was read the
   * last time, be it a text or that there is none, changes nothing.
   */
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

export function createPolicyInForce({ file, policy, audit, clock, log }: PolicyInForceDeps): PolicyInForce {
  let inForce: InForce = { policy, file, loadedAt: clock.now(), loadedBy: 'start', lastFailure: null };
  let lastRead = policy.hash;
  let under = told(record({ hash: policy.hash, loaded_by: 'start', problem: null }));

  /** Whatever went wrong with one reading, the next one has its turn. */
  function told(step: Promise<void>): Promise<void> {
    return step.catch((error: unknown) => log.error({ err: error }, 'the policy could not be reloaded'));
  }

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
    if (text.hash === lastRead) return null;
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
    under = told(
      under.then(() => {
        const change = read(by);
        return change === null ? undefined : record(change);
      }),
    );
    return under;
  }

  return {
    current: () => inForce,
    reload,
    follow: () =>
      followFile(file, {
        onChange: () => void reload('file'),
        onError: (error) => log.error({ err: error }, 'the policy file is no longer watched'),
      }),
  };
}

/** `hash` is empty where the file cannot be read. */
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
