/** Verifies the market app's own JWT, from a cookie or a header, with its published keys or its shared secret. */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { fetch as undiciFetch } from 'undici';
import type { AskDeps } from './ask-json.ts';
import { cookieValues } from './cookie-header.ts';
import type { Credential, IdentityAnswer, IdentityProvider } from './identity.ts';
import type { JwtConfig } from './identity-schema.ts';
import { identityAnswer } from './identity-answer.ts';
import { compilePerson, type PersonReader } from './person-reader.ts';

export type JwtDeps = AskDeps & { readonly clock: () => number };

/** A request may carry the token twice or thrice, never so often that checking it becomes a burden. */
const mostTokens = 8;

/** Every call verifies anew, without asking anybody but for keys, so the age that would do is of no interest. */
export function createJwtIdentity(config: JwtConfig, deps: JwtDeps): IdentityProvider {
  const keyFor = keySource(config, deps);
  const readPerson = compilePerson(config.person);
  const checks: JWTVerifyOptions = {
    // Pinned: the token's own header never chooses (RFC 8725 §3.1).
    algorithms: config.algorithms ?? ['HS256'],
    requiredClaims: ['exp'],
    clockTolerance: config.clock_tolerance / 1000,
    ...(config.issuer === undefined ? {} : { issuer: config.issuer }),
    ...(config.audience === undefined ? {} : { audience: config.audience }),
  };

  return {
    async identify(credential) {
      const tokens = config.from.flatMap((place) => tokensAt(place, credential));
      if (tokens.length > mostTokens)
        return { kind: 'unavailable', cause: 'more tokens than anybody needs', because: 'question' };
      for (const token of tokens) {
        const answer = await verify(
          token,
          keyFor,
          { ...checks, currentDate: new Date(deps.clock()) },
          readPerson,
        );
        if (answer.kind !== 'anonymous') return answer;
      }
      return { kind: 'anonymous' };
    },
  };
}

function tokensAt(place: JwtConfig['from'][number], credential: Credential): readonly string[] {
  if ('cookie' in place) return cookieValues(credential.cookie, place.cookie).filter((value) => value !== '');
  const header =
    place.header === 'authorization' ? credential.authorization : credential.header(place.header);
  const value = header?.replace(/^bearer +/i, '').trim() ?? '';
  return value === '' ? [] : [value];
}

function keySource(config: JwtConfig, deps: JwtDeps): JWTVerifyGetKey {
  if (config.secret !== undefined) {
    const secret = new TextEncoder().encode(config.secret);
    return () => secret;
  }
  const address = new URL(config.jwks ?? '', deps.upstream);
  // The dispatcher may hold connections to the upstream only, or trust its private CA; others get undici's default.
  const dispatcher = address.origin === new URL(deps.upstream).origin ? { dispatcher: deps.dispatcher } : {};
  return createRemoteJWKSet(address, {
    timeoutDuration: config.timeout,
    [customFetch]: async (url, { headers, method, redirect, signal }) => {
      const answer = await undiciFetch(url, {
        headers: [...headers],
        method,
        redirect,
        signal,
        ...dispatcher,
      });
      return new Response(await answer.text(), { status: answer.status });
    },
  });
}

async function verify(
  token: string,
  keyFor: JWTVerifyGetKey,
  checks: JWTVerifyOptions,
  readPerson: PersonReader,
): Promise<IdentityAnswer> {
  try {
    const { payload } = await jwtVerify(token, keyFor, checks);
    // A token that already speaks of an actor is a subject token: acting is never nested.
    if (payload['act'] !== undefined) return { kind: 'anonymous' };
    return identityAnswer(readPerson(payload));
  } catch (error) {
    return saysNo(error)
      ? { kind: 'anonymous' }
      : { kind: 'unavailable', cause: "the app's keys cannot be read", because: 'app' };
  }
}

/** Whether the token itself is at fault, and not the way to the keys. */
function saysNo(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return (
    error.code.startsWith('ERR_JWT_') ||
    error.code.startsWith('ERR_JWS_') ||
    error.code === 'ERR_JOSE_ALG_NOT_ALLOWED' ||
    error.code === 'ERR_JOSE_NOT_SUPPORTED' ||
    error.code === 'ERR_JWKS_NO_MATCHING_KEY' ||
    error.code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS'
  );
}
