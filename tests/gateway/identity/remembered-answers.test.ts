import { describe, expect, it } from 'vitest';
import { createRememberedAnswers } from '../../../gateway/identity/remembered-answers.ts';

describe('remembered answers', () => {
  it('are never more than allowed; the oldest goes first', async () => {
    const clock = { now: 0 };
    const answers = createRememberedAnswers<string>({
      clock: () => clock.now,
      most: 3,
      keepForMs: () => 1000,
      isWord: () => true,
    });
    const asked: string[] = [];
    const ask = (key: string) =>
      answers.ask(key, 1000, async () => {
        asked.push(key);
        return key;
      });
    for (const key of ['a', 'b', 'c', 'd']) await ask(key);
    expect(answers.size()).toBe(3);
    for (const key of ['b', 'c', 'd', 'a']) await ask(key);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'a']);
  });

  it('leave memory when nobody may have them any more', async () => {
    const clock = { now: 0 };
    const answers = createRememberedAnswers<string>({
      clock: () => clock.now,
      most: 100,
      keepForMs: () => 1000,
      isWord: () => true,
    });
    for (const key of ['a', 'b', 'c']) await answers.ask(key, 1000, async () => key);
    clock.now = 1000;
    await answers.ask('d', 1000, async () => 'd');
    expect(answers.size()).toBe(1);
  });

  it('do not keep a question that failed', async () => {
    const answers = createRememberedAnswers<string>({
      clock: () => 0,
      most: 3,
      keepForMs: () => 1000,
      isWord: () => true,
    });
    await expect(answers.ask('a', 1000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await answers.ask('a', 1000, async () => 'yes')).toBe('yes');
  });
});
