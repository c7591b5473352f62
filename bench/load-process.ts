/** A process: the load generator. Each message is one load to make; each answer is what came of it. */
import autocannon, { type Load } from 'autocannon';
import type { LoadAnswer } from './load.ts';

process.on('message', (load: Load) => {
  autocannon(load).then(
    (result) => send({ ok: true, result }),
    (error: unknown) => send({ ok: false, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

function send(answer: LoadAnswer): void {
  process.send?.(answer);
}
