/** Loaded into a gateway by NODE_OPTIONS: SIGUSR2 collects all garbage, so that what is left in use is what is held. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
process.on('SIGUSR2', () => {
  if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
});
