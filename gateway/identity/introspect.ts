/** Asks the market app itself: its "who am I?" route, with the cookies and bearer that the request brought. */
import { hash } from 'node:crypto';
import { askJson, proofFor, type AskDeps, type JsonAnswer, type Proof, type Question } from './ask-json.ts';
import { perConnection } from '../per-connection.ts';
import type { Credential, IdentityAnswer, IdentityProvider } from './identity.ts';
import type { IntrospectConfig } from './identity-schema.ts';
import { identityAnswer } from './identity-answer.ts';
import { compilePerson, type PersonReader } from './person-reader.ts';
import { createRememberedAnswers } from './remembered-answers.ts';

export type IntrospectDeps = AskDeps & { readonly clock: () => number };

const minute = 60_000;
const mostRemembered = 5_000;

/** However old an answer the asker would take: signing in can keep the cookie, and an app that is down comes back. */
const keepFor: Readonly<Record<IdentityAnswer['kind'], number>> = {
  known: 10 * minute,
  anonymous: 5_000,
  unavailable: 1_000,
};

export function createIntrospect(config: IntrospectConfig, deps: IntrospectDeps): IdentityProvider {
  const question: Question = {
    path: config.path,
    cookies: config.cookies ?? [],
    authorization: config.authorization,
    headers: config.headers,
    timeoutMs: config.timeout,
  };
  const readPerson = compilePerson(config.person);
  const remembered = createRememberedAnswers<IdentityAnswer>({
    clock: deps.clock,
    most: mostRemembered,
    keepForMs: (answer) => keepFor[answer.kind],
    isWord: (answer) => answer.kind !== 'unavailable',
  });

  const keyFor = rememberingKeys();

  return {
    identify(credential, maxAgeMs) {
      const proof = proofFor(question, credential);
      if (proof === null) return { kind: 'anonymous' };
      return remembered.ask(keyFor(proof, credential), maxAgeMs, async () =>
        judge(await askJson(deps, question, credential, proof), readPerson, config.redirect_is_anonymous),
      );
    },
  };
}

/** A hash of everything by which the app might tell people apart, browser and address included. */
function rememberingKeys(): (proof: Proof, credential: Credential) => string {
  const remembered = perConnection(hashed);
  return ({ cookie, authorization }, { headers, remoteAddress, connection }) => {
    const facts = JSON.stringify([cookie, authorization, headers['user-agent'] ?? null, remoteAddress]);
    return connection === undefined ? hashed(facts) : remembered(connection, facts);
  };
}

function hashed(facts: string): string {
  return hash('sha256', facts, 'base64');
}

// A ladder: only an app that clearly says "nobody" makes someone a stranger; whatever else is odd is nobody's word.
function judge(answer: JsonAnswer, readPerson: PersonReader, redirectIsAnonymous: boolean): IdentityAnswer {
  if (answer.kind === 'unavailable') return { ...answer, because: 'app' };
  if (answer.kind === 'status') {
    if (answer.status === 401 || answer.status === 403) return { kind: 'anonymous' };
    if (redirectIsAnonymous && answer.status >= 300 && answer.status < 400) return { kind: 'anonymous' };
    const sick = answer.status >= 500 || answer.status === 429 || answer.status === 408;
    const cause = `the app answered ${String(answer.status)}`;
    return { kind: 'unavailable', cause, because: sick ? 'app' : 'question' };
  }
  return identityAnswer(readPerson(answer.value));
}
