/**
 * The story: each of these requests went round some real proxy, or broke some honest app behind a proxy that was too
 * proud. They are sent byte for byte to an acting session. The app behind it accepts every spelling that any real stack
 * accepts, and a tap sees every byte that the gateway sends it: of a refused request not one may be among them, and the
 * gateway answers the next honest request as if nothing had been.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { message, rawExchange } from '../raw-exchange.ts';
import { readCorpus } from './corpus-line.ts';
import { startCorpusSystem, type CorpusSystem } from './corpus-system.ts';
import { complaintsAbout, HONEST } from './judge.ts';

const corpus = readCorpus();
let wall: CorpusSystem;

beforeAll(async () => {
  wall = await startCorpusSystem();
});
afterAll(() => wall.close());

async function honestStatus(): Promise<number | undefined> {
  const lines = [`GET ${HONEST} HTTP/1.1`, 'Host: {host}', 'Cookie: {cookie}', 'Connection: close'];
  const { answers } = await rawExchange(wall.system.url, wall.fill(message(lines)));
  return answers[0]?.status;
}

describe.each([...corpus])('%s', (_file, lines) => {
  test.each(lines.map((line) => [line.threat, line.name, line] as const))(
    '%s: %s',
    async (_threat, _name, line) => {
      wall.forget();
      const { next = [], halfClose } = line.expect;
      const { answers } = await rawExchange(wall.system.url, wall.fill(line.raw), {
        answers: 1 + next.length,
        halfClose: halfClose === true,
      });
      expect(await honestStatus()).toBe(200);
      expect(wall.upstream.executed.filter(({ target }) => target === HONEST)).toHaveLength(1);
      expect(complaintsAbout(line, answers, wall)).toEqual([]);
    },
  );
});

test('the corpus has hostile lines of every class and honest ones beside them', () => {
  const all = [...corpus.values()].flat();
  const hostile = all.filter(({ threat }) => threat !== 'honest');
  const classes = new Set(hostile.map(({ threat }) => Number(threat.slice(2))));
  expect([...classes].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(hostile.length).toBeGreaterThanOrEqual(200);
  expect(all.length - hostile.length).toBeGreaterThanOrEqual(60);
});
