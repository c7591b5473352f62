/** Seats a request by a subject token: a signed JWT, at most a minute old, that names subject and actor (RFC 8693 §4.1). */
import { SignJWT } from 'jose';
import type { ActAsSession } from '../sessions/index.ts';
import type { Delegation, SeatHeaders } from './delegation.ts';
import type { TokenConfig } from './delegation-schema.ts';
import type { SigningKey } from './key-ring.ts';

export type TokenDeps = {
  /** The key that signs now. */
  readonly signing: () => SigningKey;
  readonly issuer: string;
  readonly clock: () => number;
  readonly randomUUID: () => string;
};

type Minted = {
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Once it is signed, no promise any more. */
  headers: SeatHeaders | Promise<SeatHeaders>;
};

/** Tokens of ended sessions are dropped when told, and else whenever so many are kept. */
const mostKept = 1_000;

export function createTokenDelegation(config: TokenConfig, deps: TokenDeps): Delegation {
  const minted = new Map<string, Minted>();
  const prefix = config.scheme === '' ? '' : `${config.scheme} `;

  function mint(session: ActAsSession, now: number): Minted {
    const issuedAt = Math.floor(now / 1000);
    // A token never outlives the session it speaks for.
    const latest = Math.floor(Math.min(now + config.lifetime, session.absoluteExpiresAt) / 1000);
    const expiresAt = Math.max(issuedAt + 1, Math.min(latest, issuedAt + 60));
    const { actor, subject } = session;
    const signing = deps.signing();
    const token = new SignJWT({
      act: { sub: actor.id, name: actor.name, email: actor.email, roles: [...actor.roles] },
      sid: session.id,
    })
      // Typed as an access token (RFC 9068 §2.1, RFC 8725 §3.11): no app takes it for an ID token or a session of its own.
      .setProtectedHeader({ alg: signing.algorithm, kid: signing.kid, typ: 'at+jwt' })
      .setIssuer(config.issuer ?? deps.issuer)
      .setAudience(config.audience)
      .setSubject(subject.id)
      .setJti(deps.randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(signing.privateKey);
    const headers = token.then((text): SeatHeaders => ({ [config.header]: prefix + text }));
    return { issuedAt: issuedAt * 1000, expiresAt: expiresAt * 1000, headers };
  }

  function fresh(known: Minted | undefined, now: number): known is Minted {
    if (known === undefined || now < known.issuedAt) return false;
    return known.expiresAt - now >= (known.expiresAt - known.issuedAt) / 3;
  }

  function dropDead(now: number): void {
    for (const [id, { expiresAt }] of minted) if (expiresAt <= now) minted.delete(id);
  }

  async function signed(sessionId: string, next: Minted): Promise<SeatHeaders> {
    try {
      next.headers = await next.headers;
      return next.headers;
    } catch (error) {
      if (minted.get(sessionId) === next) minted.delete(sessionId);
      throw error;
    }
  }

  return {
    headers(session) {
      const now = deps.clock();
      const known = minted.get(session.id);
      if (fresh(known, now)) return known.headers;
      if (minted.size >= mostKept) dropDead(now);
      const next = mint(session, now);
      minted.set(session.id, next);
      return signed(session.id, next);
    },
    forget: (sessionId) => void minted.delete(sessionId),
  };
}
