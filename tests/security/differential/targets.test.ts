/**
 * The story: a gateway matched one string and forwarded another: it parsed the target with `new URL()`, which resolves
 * `\`, `..` and `//host`, and sent the raw bytes on. Here what is forwarded is settled from what came, and settling it
 * again must change nothing, for any target whatever. `npm run torture:policy` asks a million of them.
 */
import { expect, test } from 'vitest';
import { anyTarget, randomFrom, wrongWith } from './targets.ts';

test(
  'settling what is forwarded changes nothing, for any target and whatever is accepted',
  { timeout: 60_000 },
  () => {
    const random = randomFrom(1);
    const finds: string[] = [];
    for (let count = 0; count < 15_000; count += 1) {
      const target = anyTarget(random);
      const wrong = wrongWith(target);
      if (wrong !== null) finds.push(`${JSON.stringify(target)}: ${wrong}`);
    }
    expect(finds).toEqual([]);
  },
);
