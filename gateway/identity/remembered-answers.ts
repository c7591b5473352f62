/** Asks each question once while its answer is young enough, and never hands out an answer older than the asker allows. */

export type RememberedAnswers<Answer> = {
  /**
   * At once where the answer is known.
   * @param maxAgeMs how long ago the question may have been put; 0 means not before this call.
   */
  ask(key: string, maxAgeMs: number, question: () => Promise<Answer>): Answer | Promise<Answer>;
  readonly size: () => number;
};

export type RememberedAnswersOptions<Answer> = {
  readonly clock: () => number;
  readonly most: number;
  /** For how long this answer may be given again at all; 0 for never. */
  readonly keepForMs: (answer: Answer) => number;
  /** Whether this answer says anything; one that does not leaves an earlier one that does in its place. */
  readonly isWord: (answer: Answer) => boolean;
};

type Asked<Answer> = {
  /** Null until the question is put: until then anybody may join it, since its answer will be younger than their call. */
  askedAt: number | null;
  readonly answer: Promise<Answer>;
};

type Kept<Answer> = {
  readonly turn: number;
  readonly askedAt: number;
  readonly until: number;
  readonly answer: Answer;
};

export function createRememberedAnswers<Answer>(
  options: RememberedAnswersOptions<Answer>,
): RememberedAnswers<Answer> {
  const { clock, most, keepForMs, isWord } = options;
  // Oldest question first, because an entry is written anew when its answer is.
  const kept = new Map<string, Kept<Answer>>();
  const underWay = new Map<string, Asked<Answer>>();

  let turns = 0;

  function keep(key: string, turn: number, askedAt: number, answer: Answer): void {
    // The answer to an earlier question may come later; it is not news.
    const known = kept.get(key);
    if (known !== undefined && known.turn > turn) return;
    if (known !== undefined && !isWord(answer) && isWord(known.answer) && clock() < known.until) return;
    kept.delete(key);
    const keepFor = keepForMs(answer);
    if (keepFor > 0) kept.set(key, { turn, askedAt, until: askedAt + keepFor, answer });
    for (const [oldest, { until }] of kept) {
      if (kept.size <= most && until > clock()) break;
      kept.delete(oldest);
    }
  }

  async function put(asked: Asked<Answer>, key: string, question: () => Promise<Answer>): Promise<Answer> {
    // Whoever asks within this turn of the event loop shares the question.
    await new Promise((resolve) => setImmediate(resolve));
    const askedAt = clock();
    asked.askedAt = askedAt;
    turns += 1;
    const turn = turns;
    try {
      const answer = await question();
      keep(key, turn, askedAt, answer);
      return answer;
    } finally {
      if (underWay.get(key) === asked) underWay.delete(key);
    }
  }

  return {
    ask(key, maxAgeMs, question) {
      const now = clock();
      const known = kept.get(key);
      if (known !== undefined && youngEnough(known.askedAt, maxAgeMs, now) && now < known.until)
        return known.answer;
      const current = underWay.get(key);
      if (
        current !== undefined &&
        (current.askedAt === null || youngEnough(current.askedAt, maxAgeMs, now))
      ) {
        return current.answer;
      }
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const asked: Asked<Answer> = { askedAt: null, answer: promise };
      underWay.set(key, asked);
      put(asked, key, question).then(resolve, reject);
      return promise;
    },
    size: () => kept.size,
  };
}

function youngEnough(askedAt: number, maxAgeMs: number, now: number): boolean {
  // Strictly younger, so that 0 never means an earlier answer; one from the future is a clock set back, and not believed.
  return askedAt <= now && now - askedAt < maxAgeMs;
}
