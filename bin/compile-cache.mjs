import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Keeps what is compiled of each file beside the packages, where the next start finds it and needs a third less time.
 * Where nothing can be written there, nothing is kept. NODE_COMPILE_CACHE names another place, NODE_DISABLE_COMPILE_CACHE=1 none.
 */
export function useCompileCache() {
  // In the environment, because that is where worker threads look for it. Node's own choice would be a folder in /tmp, which others
  // could fill first: what lies there is run.
  process.env.NODE_COMPILE_CACHE ||= fileURLToPath(
    new URL('../node_modules/.cache/understudy', import.meta.url),
  );
  // By the default import: a Node that is too old has no such function, and must still be told that it is too old.
  module.enableCompileCache();
}
