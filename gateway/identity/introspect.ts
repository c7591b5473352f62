/** Asks the market app itself: its "who am I?" route, with the cookies and bearer that the request brought. */
import { hash } from 'node:crypto';
import { askJson, proofFor, type AskDeps, type JsonAnswer, type Proof, type Question } from './ask-json.ts';
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

  const askedFor = rememberingQuestions((credential) => {
    const proof = proofFor(question, credential);
    return proof === null ? null : { proof, key: keyFor(proof, credential) };
  });

  return {
    identify(credential, maxAgeMs) {
      const asked = askedFor(credential);
      if (asked === null) return { kind: 'anonymous' };
      return remembered.ask(asked.key, maxAgeMs, async () =>
        judge(
          await askJson(deps, question, credential, asked.proof),
          readPerson,
          config.redirect_is_anonymous,
        ),
      );
    },
  };
}

/** A hash of everything by which the app might tell people apart, browser and address included. */
function keyFor({ cookie, authorization }: Proof, { headers, remoteAddress }: Credential): string {
  const facts = JSON.stringify([cookie, authorization, headers['user-agent'] ?? null, remoteAddress]);
  return hash('sha256', facts, 'base64');
}

/** What a connection's last credential came to; a browser sends the same with every request. */
function rememberingQuestions<Asked>(
  derive: (credential: Credential) => Asked,
): (credential: Credential) => Asked {
  const last = new WeakMap<object, { readonly credential: Credential; readonly asked: Asked }>();
  return (credential) => {
    const { connection } = credential;
    if (connection === undefined) return derive(credential);
    const known = last.get(connection);
    if (known !== undefined && isSame(known.credential, credential)) return known.asked;
    const asked = derive(credential);
    last.set(connection, { credential, asked });
    return asked;
  };
}

function isSame(a: Credential, b: Credential): boolean {
  return (
    a.cookie === b.cookie &&
    a.authorization === b.authorization &&
    a.remoteAddress === b.remoteAddress &&
    a.headers['user-agent'] === b.headers['user-agent']
  );
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
