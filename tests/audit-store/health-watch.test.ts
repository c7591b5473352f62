// The story: the database hung, and each manager in turn waited five seconds to be told that nothing can be recorded. Once
// one has waited in vain nobody does any more; where the answer is a quick no, each finds out for itself that it is back.
import { expect, onTestFinished, test, vi } from 'vitest';
import { healthWatch, type HealthWatch } from '../../audit-store/health-watch.ts';

function watched(probe: (write: boolean) => Promise<unknown>): { watch: HealthWatch; healed: () => number } {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let healings = 0;
  const watch = healthWatch({
    probe,
    inVainMs: 100,
    onHealed: () => (healings += 1),
    checkEveryMs: 5000,
    log: undefined,
  });
  onTestFinished(() => watch.close());
  return { watch, healed: () => healings };
}

test('what failed slowly is gone until an attempt succeeds, what failed at once is not', async () => {
  const { watch, healed } = watched(() => Promise.reject(new Error('still')));
  watch.seen('hangs', 100);
  expect([watch.health(), watch.gone()]).toEqual([{ ok: false, reason: 'hangs' }, 'hangs']);
  watch.seen('is not there', 99);
  expect([watch.health(), watch.gone()]).toEqual([{ ok: false, reason: 'is not there' }, null]);
  watch.seen('hangs', 5000);
  watch.seen(null, 5000);
  expect([watch.health(), watch.gone(), healed()]).toEqual([{ ok: true }, null, 1]);
});

test('a healthy record is looked at now and then, a troubled one written to, soon at first and twice a second then', async () => {
  const began = Date.now();
  const probes: (readonly [write: boolean, at: number])[] = [];
  let works = false;
  const { watch, healed } = watched(async (write) => {
    probes.push([write, Date.now() - began]);
    if (!works && write) throw new Error('no');
  });
  await vi.advanceTimersByTimeAsync(5000);
  expect(probes).toEqual([[false, 5000]]);
  watch.seen('no', 0);
  await vi.advanceTimersByTimeAsync(2000);
  expect(probes.slice(1).map(([write, at]) => [write, at - 5000])).toEqual(
    [25, 75, 175, 375, 775, 1275, 1775].map((at) => [true, at]),
  );
  works = true;
  await vi.advanceTimersByTimeAsync(500);
  expect([watch.health(), healed()]).toEqual([{ ok: true }, 1]);
  // The next trouble begins from the beginning.
  works = false;
  const before = probes.length;
  watch.seen('no', 0);
  await vi.advanceTimersByTimeAsync(25);
  expect(probes.slice(before).map(([write]) => write)).toEqual([true]);
});

test('a look that was under way when writing failed is no proof that it works again', async () => {
  const answers: (() => void)[] = [];
  const { watch, healed } = watched(() => new Promise<void>((resolve) => answers.push(resolve)));
  await vi.advanceTimersByTimeAsync(5000);
  watch.seen('hangs', 5000);
  await vi.advanceTimersByTimeAsync(5000);
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(25);
  expect([watch.gone(), healed(), answers.length]).toEqual(['hangs', 0, 2]);
  answers[1]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect([watch.gone(), healed()]).toEqual([null, 1]);
});
