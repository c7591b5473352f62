/** Jars this instance has seen, by version: Redis sends a jar again only when it changed. */
import type { KeptJar } from '../session-store.ts';

export type JarCache = {
  get(tokenHash: string): KeptJar | null;
  set(tokenHash: string, jar: KeptJar): KeptJar;
  delete(tokenHash: string): void;
};

/** Of the sessions used most recently; the others' jars are sent once more. */
const MOST = 2_000;

export function createJarCache(): JarCache {
  const jars = new Map<string, KeptJar>();
  return {
    get: (tokenHash) => jars.get(tokenHash) ?? null,
    set(tokenHash, jar) {
      jars.delete(tokenHash);
      jars.set(tokenHash, jar);
      for (const oldest of jars.keys()) {
        if (jars.size <= MOST) break;
        jars.delete(oldest);
      }
      return jar;
    },
    delete: (tokenHash) => void jars.delete(tokenHash),
  };
}
