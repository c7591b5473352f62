/** The load generator seen from the run: one load at a time, bounded in time. */
import { resolve } from 'node:path';
import type { Load } from 'autocannon';
import { z } from 'zod';
import { startPinned } from './pinned-process.ts';

const resultSchema = z.object({
  requests: z.object({ total: z.number() }),
  /** Milliseconds. */
  latency: z.object({ p50: z.number(), p99: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
});
const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: resultSchema }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

export type LoadResult = z.infer<typeof resultSchema>;
/** What the load generator's process says when a load is over. */
export type LoadAnswer = z.infer<typeof answerSchema>;

export type LoadGenerator = {
  /** @throws if the load could not be made, or if any request of it failed. */
  run(request: BenchRequest, origin: string, connections: number, seconds: number): Promise<LoadResult>;
  cpuSeconds(): number;
  moveTo(cores: readonly number[]): void;
  stop(): Promise<void>;
};

export type BenchRequest = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Beyond the load's own seconds. */
const PATIENCE_MS = 20_000;

export async function startLoadGenerator(core: number): Promise<LoadGenerator> {
  const command = [process.execPath, resolve(import.meta.dirname, 'load-process.ts')];
  const generator = await startPinned(core, 0, command, { ipc: true, listens: false });
  const { child } = generator;

  function ask(load: Load, patience: number): Promise<LoadAnswer> {
    return new Promise((settle, fail) => {
      const timer = setTimeout(
        () => finish(() => fail(new Error('the load generator did not answer'))),
        patience,
      );
      const gone = (): void => finish(() => fail(new Error('the load generator ended')));
      const answered = (answer: unknown): void => finish(() => settle(answerSchema.parse(answer)));
      const finish = (then: () => void): void => {
        clearTimeout(timer);
        child.off('exit', gone).off('message', answered);
        then();
      };
      child.once('exit', gone).once('message', answered);
      child.send(load);
    });
  }

  return {
    cpuSeconds: () => generator.cpuSeconds(),
    moveTo: (cores) => generator.moveTo(cores),
    stop: () => generator.stop(),
    async run(request, origin, connections, seconds) {
      const load: Load = {
        url: origin + request.path,
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        connections,
        duration: seconds,
        sampleInt: 50,
        timeout: 10,
      };
      const answer = await ask(load, seconds * 1_000 + PATIENCE_MS);
      if (!answer.ok) throw new Error(answer.error);
      const { result } = answer;
      const failed = result.errors + result.non2xx;
      if (failed > 0 || result.requests.total === 0) {
        throw new Error(
          `${failed} of ${result.requests.total + result.errors} requests failed (${origin}${request.path})`,
        );
      }
      return result;
    },
  };
}
