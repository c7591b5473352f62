/** The jars of all live sessions: parallel answers of one session never lose each other's cookies. */
import { SessionsUnavailableError, type KeptJar, type SessionStore } from '../sessions/index.ts';
import { openJar, type CookieJar } from './cookie-jar.ts';

export type SessionJars = {
  /**
   * Resolves when cookies that an answer has brought are in the store: they belong to the next request. Null where there
   * are none on their way. Never rejects.
   */
  settled(tokenHash: string): Promise<void> | null;
  /** The Cookie header for a request of this session, or null; `kept` is what the store holds now. */
  headerOf(tokenHash: string, kept: KeptJar, path: string): string | null;
  /** The same, asking the store. */
  cookieHeader(tokenHash: string, path: string): Promise<string | null>;
  /** Keeps the Set-Cookie headers of an answer; resolves when they are in the store. */
  store(tokenHash: string, setCookies: readonly string[], path: string): Promise<void>;
};

export type SessionJarsDeps = {
  /** The session store: it keeps the jar as long as the session and no longer. */
  readonly sessions: Pick<SessionStore, 'loadJar' | 'saveJar' | 'onEnd'>;
  readonly publicOrigin: string;
  readonly clock: () => number;
};

type Opened = { readonly kept: KeptJar; readonly jar: CookieJar };

/** Jars kept open between requests, so that an acting request need not parse its jar again. */
const mostOpen = 256;
/** Instances that save into one jar at the same moment take turns. */
const MOST_ATTEMPTS = 20;

/** What rejects in the store (`SessionsUnavailableError`) rejects here, and keeps nobody else waiting. */
export function createSessionJars(deps: SessionJarsDeps): SessionJars {
  const { sessions, publicOrigin, clock } = deps;
  const lastChange = new Map<string, Promise<void>>();
  const opened = new Map<string, Opened>();

  // An ended session leaves no credential behind, here either.
  sessions.onEnd(({ session }) => void opened.delete(session.tokenHash));

  function keepOpen(tokenHash: string, entry: Opened): void {
    opened.delete(tokenHash);
    opened.set(tokenHash, entry);
    for (const oldest of opened.keys()) {
      if (opened.size <= mostOpen) break;
      opened.delete(oldest);
    }
  }

  function open(tokenHash: string, kept: KeptJar): CookieJar {
    const known = opened.get(tokenHash);
    // Another instance may have saved since: only the jar that the store holds now counts.
    if (known?.kept.version === kept.version) return known.jar;
    const jar = openJar(kept.text, publicOrigin);
    keepOpen(tokenHash, { kept, jar });
    return jar;
  }

  function headerOf(tokenHash: string, kept: KeptJar, path: string): string | null {
    return kept.text === null ? null : open(tokenHash, kept).cookieHeader(path, clock());
  }

  function settled(tokenHash: string): Promise<void> | null {
    return lastChange.get(tokenHash)?.catch(() => undefined) ?? null;
  }

  async function change(tokenHash: string, setCookies: readonly string[], path: string): Promise<void> {
    let kept = opened.get(tokenHash)?.kept ?? null;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      kept ??= await sessions.loadJar(tokenHash);
      if (kept === null) return;
      // A jar of its own: readers never see cookies that were not saved.
      const jar = openJar(kept.text, publicOrigin);
      if (!jar.store(setCookies, path, clock())) return;
      const saved = await sessions.saveJar(tokenHash, jar.serialise(), kept.version);
      if (saved === 'ended') return;
      if (saved !== 'changed') return keepOpen(tokenHash, { kept: saved, jar });
      // Another instance saved in between: its cookies stay, and these join them.
      kept = null;
    }
    throw new SessionsUnavailableError('a jar changed faster than it could be saved');
  }

  return {
    settled,
    headerOf,

    async cookieHeader(tokenHash, path) {
      await settled(tokenHash);
      const kept = await sessions.loadJar(tokenHash);
      return kept === null ? null : headerOf(tokenHash, kept, path);
    },

    async store(tokenHash, setCookies, path) {
      if (setCookies.length === 0) return;
      const before = settled(tokenHash) ?? Promise.resolve();
      const mine = before.then(() => change(tokenHash, setCookies, path));
      lastChange.set(tokenHash, mine);
      try {
        await mine;
      } finally {
        if (lastChange.get(tokenHash) === mine) lastChange.delete(tokenHash);
      }
    },
  };
}
