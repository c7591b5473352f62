/** The jars of all live sessions: parallel answers of one session never lose each other's cookies. */
import type { SessionStore } from '../sessions/index.ts';
import { openJar, type CookieJar } from './cookie-jar.ts';

export type SessionJars = {
  /** The Cookie header for a request of this session, or null. */
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

type Opened = { readonly serialised: string; readonly jar: CookieJar };

/** Jars kept open between requests, so that an acting request need not parse its jar again. */
const mostOpen = 256;

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

  async function load(tokenHash: string): Promise<CookieJar | null> {
    const serialised = await sessions.loadJar(tokenHash);
    if (serialised === null) {
      opened.delete(tokenHash);
      return null;
    }
    const known = opened.get(tokenHash);
    // Another instance may have saved since: only the jar that the store holds now counts.
    if (known?.serialised === serialised) return known.jar;
    const jar = openJar(serialised, publicOrigin);
    keepOpen(tokenHash, { serialised, jar });
    return jar;
  }

  async function change(tokenHash: string, setCookies: readonly string[], path: string): Promise<void> {
    const serialised = await sessions.loadJar(tokenHash);
    // A jar of its own: readers never see cookies that were not saved.
    const jar = openJar(serialised, publicOrigin);
    if (!jar.store(setCookies, path, clock())) return;
    await sessions.saveJar(tokenHash, jar.serialise());
  }

  return {
    async cookieHeader(tokenHash, path) {
      // Cookies that an answer has brought and that are on their way into the store belong to the next request.
      await lastChange.get(tokenHash)?.catch(() => undefined);
      return (await load(tokenHash))?.cookieHeader(path, clock()) ?? null;
    },

    async store(tokenHash, setCookies, path) {
      if (setCookies.length === 0) return;
      const before = lastChange.get(tokenHash)?.catch(() => undefined) ?? Promise.resolve();
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
