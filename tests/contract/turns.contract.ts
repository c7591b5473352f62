// What every keeper of turns promises to gateways that share work, whichever database it is in.
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Turns } from '../../audit-store/index.ts';

/** Two gateways' views of one keeper; a name that no other test uses. */
export type OpenTurns = () => Promise<{ readonly here: Turns; readonly there: Turns; readonly name: string }>;

const LONG = 60_000;

export function turnsContract(openTurns: OpenTurns): void {
  test('of those who ask at once one has the turn, and keeps it by asking again', async () => {
    const { here, there, name } = await openTurns();
    const asked = Array.from({ length: 20 }, (_, index) => {
      const holder = `holder ${index}`;
      return (index % 2 === 0 ? here : there).take(name, holder, LONG);
    });
    const got = await Promise.all(asked);
    expect(got.filter(Boolean)).toHaveLength(1);
    const holder = `holder ${got.indexOf(true)}`;
    expect(await there.take(name, holder, LONG)).toBe(true);
    expect(await here.take(name, 'somebody else', LONG)).toBe(false);
  });

  test('who leaves makes room at once, who has no turn leaves nothing', async () => {
    const { here, there, name } = await openTurns();
    expect(await here.take(name, 'a', LONG)).toBe(true);
    await there.leave(name, 'b');
    expect(await there.take(name, 'b', LONG)).toBe(false);
    await here.leave(name, 'a');
    expect(await there.take(name, 'b', LONG)).toBe(true);
    expect(await here.take(name, 'a', LONG)).toBe(false);
  });

  test('a turn that is not taken again runs out, and not before its time', async () => {
    const { here, there, name } = await openTurns();
    const began = performance.now();
    expect(await here.take(name, 'a', 300)).toBe(true);
    await vi.waitFor(async () => expect(await there.take(name, 'b', LONG)).toBe(true), {
      timeout: 5000,
      interval: 10,
    });
    expect(performance.now() - began).toBeGreaterThanOrEqual(300);
    expect(await here.take(name, 'a', 300)).toBe(false);
  });

  test('a turn that is taken again in time lasts from then on', async () => {
    const { here, there, name } = await openTurns();
    expect(await here.take(name, 'a', 200)).toBe(true);
    expect(await here.take(name, 'a', LONG)).toBe(true);
    const until = performance.now() + 600;
    do expect(await there.take(name, 'b', 1)).toBe(false);
    while (performance.now() < until);
  });

  test('how far the work has come is known to all, outlives who noted it, and is noted by who has the turn alone', async () => {
    const { here, there, name } = await openTurns();
    expect(await there.noted(name)).toBeNull();
    await here.note(name, 'a', 1);
    expect(await there.noted(name)).toBeNull();
    expect(await here.take(name, 'a', LONG)).toBe(true);
    expect(await there.noted(name)).toBeNull();
    await here.note(name, 'a', 17);
    await there.note(name, 'b', 99);
    expect(await there.noted(name)).toBe(17);
    await here.leave(name, 'a');
    expect(await there.take(name, 'b', LONG)).toBe(true);
    expect(await there.noted(name)).toBe(17);
    // What the one before still had on its way comes too late.
    await here.note(name, 'a', 3);
    await there.note(name, 'b', Number.MAX_SAFE_INTEGER);
    expect(await here.noted(name)).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('turns of other names are others', async () => {
    const { here, there, name } = await openTurns();
    onTestFinished(() => here.leave(`${name} too`, 'b'));
    expect(await here.take(name, 'a', LONG)).toBe(true);
    expect(await there.take(`${name} too`, 'b', LONG)).toBe(true);
    await there.note(`${name} too`, 'b', 5);
    expect(await here.noted(name)).toBeNull();
  });
}
