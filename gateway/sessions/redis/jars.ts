/** The jars of sessions in Redis: sealed there, and sent only to an instance that does not have the latest version. */
import { SessionsUnavailableError, type KeptJar, type SessionStore } from '../session-store.ts';
import { createJarCache } from './jar-cache.ts';
import { parseReply, replies } from './replies.ts';
import type { StoreParts } from './store-parts.ts';

export type Jars = Pick<SessionStore, 'loadJar' | 'saveJar'> & {
  /** The version this instance has, as a script is told it. */
  knownVersion(tokenHash: string): string;
  /** What a script answered: the version, and the sealed jar unless the version is the known one. */
  opened(tokenHash: string, version: number, sealed: string): KeptJar;
};

/** What a sealed jar belongs to. */
const bound = (tokenHash: string): string => `jar ${tokenHash}`;

export function createJars({ run, seal, replica }: Pick<StoreParts, 'run' | 'seal' | 'replica'>): Jars {
  const cache = createJarCache();
  replica.onEnd(({ session }) => cache.delete(session.tokenHash));
  function opened(tokenHash: string, version: number, sealed: string): KeptJar {
    if (version === 0) return { text: null, version };
    const known = cache.get(tokenHash);
    if (known?.version === version) return known;
    const text = seal.open(sealed, bound(tokenHash));
    if (text === null) throw new SessionsUnavailableError('a jar in Redis was not sealed by us');
    return cache.set(tokenHash, { text, version });
  }

  return {
    knownVersion: (tokenHash) => String(cache.get(tokenHash)?.version ?? ''),
    opened,
    async loadJar(tokenHash) {
      const reply = parseReply(replies.loadJar, await run('load-jar', [tokenHash]));
      return reply[0] === 'none' ? null : opened(tokenHash, reply[1], reply[2]);
    },
    async saveJar(tokenHash, text, madeFrom) {
      const args = [tokenHash, String(madeFrom), seal.close(text, bound(tokenHash))];
      const reply = parseReply(replies.saveJar, await run('save-jar', args));
      switch (reply[0]) {
        case 'none':
          return 'ended';
        case 'changed':
          return 'changed';
        case 'kept':
          return cache.set(tokenHash, { text, version: reply[1] });
      }
    },
  };
}
