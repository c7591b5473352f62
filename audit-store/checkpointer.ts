/** Signs checkpoints as the record grows, and hands each to everybody who is to keep a copy; nothing waits for it. */
import type { AuditLog } from './audit-log.ts';
import type { AuditStore } from './audit-store.ts';
import { checkpointText } from './checkpoint.ts';
import type { CheckpointSender } from './checkpoint-senders.ts';
import { type NoteSigner, signNote } from './signed-note.ts';

export type CheckpointerOptions = {
  readonly store: Pick<AuditStore, 'head' | 'keepCheckpoint'>;
  readonly signer: NoteSigner;
  readonly senders: readonly CheckpointSender[];
  /** So many entries without a checkpoint are enough for the next. */
  readonly everyRows: number;
  /** And any entry is, once so many milliseconds have passed since the last one. */
  readonly everyMs: number;
  /** How often the record is looked at, in milliseconds; 1,000 when absent. */
  readonly lookEveryMs?: number;
  readonly clock: { now(): number };
  readonly log: AuditLog;
};

export type Checkpointer = {
  /** Signs now if one is due; with `anyway`, if there is anything to sign. Never rejects. */
  look(anyway?: boolean): Promise<void>;
  /** Signs what is not covered yet, and gives senders a moment for what is under way. */
  close(): Promise<void>;
};

/** Begins with a checkpoint over what is there already. */
export function startCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { store, signer, senders, clock, log } = options;
  let signedAt = clock.now();
  let begun = false;
  let trouble = '';
  let under: Promise<void> = Promise.resolve();

  async function sign(anyway: boolean): Promise<void> {
    const { seq, hash, checkpointed } = await store.head();
    const unsigned = seq - checkpointed;
    const now = clock.now();
    // A clock that was set back puts no checkpoint off.
    const waited = now < signedAt || now - signedAt >= options.everyMs;
    const due = anyway || !begun || waited || unsigned >= options.everyRows;
    begun = true;
    if (unsigned <= 0 || !due) return;
    const note = signNote(checkpointText({ origin: signer.name, size: seq, hash }), signer);
    await store.keepCheckpoint({ seq, hash, at: now, note });
    signedAt = now;
    for (const sender of senders) sender.send(note);
  }

  async function attempt(anyway: boolean): Promise<void> {
    try {
      await sign(anyway);
      if (trouble !== '') log.info({}, 'checkpoints of the record are signed again');
      trouble = '';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== trouble) log.error({ reason }, 'a checkpoint of the record could not be signed');
      trouble = reason;
    }
  }

  /** One after the other, so that none is signed twice. */
  function look(anyway = false): Promise<void> {
    under = under.then(() => attempt(anyway));
    return under;
  }

  void look();
  const timer = setInterval(() => void look(), options.lookEveryMs ?? 1000);
  timer.unref();

  return {
    look,
    async close() {
      clearInterval(timer);
      await look(true);
      await Promise.all(senders.map((sender) => sender.close()));
    },
  };
}
