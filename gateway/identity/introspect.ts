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

  const askedFor = rememberingQuestions((credential, facts) => {
    const proof = proofFor(question, credential);
    return proof === null ? null : { proof, key: keyFor(proof, facts) };
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

/** Everything by which the app might tell people apart, browser and address included. */
type Facts = readonly [
  cookie: string | null,
  authorization: string | null,
  userAgent: string | null,
  address: string,
];

function keyFor({ cookie, authorization }: Proof, [, , userAgent, address]: Facts): string {
  return hash('sha256', JSON.stringify([cookie, authorization, userAgent, address]), 'base64');
}

/** What a connection's last credential came to; a browser sends the same with every request. */
function rememberingQuestions<Asked>(
  derive: (credential: Credential, facts: Facts) => Asked,
): (credential: Credential) => Asked {
  const last = new WeakMap<object, { readonly facts: Facts; readonly asked: Asked }>();
  return (credential) => {
    const { cookie, authorization, remoteAddress, connection } = credential;
    const facts: Facts = [cookie, authorization, credential.header('user-agent'), remoteAddress];
    if (connection === undefined) return derive(credential, facts);
    const known = last.get(connection);
    if (known?.facts.every((fact, index) => fact === facts[index]) === true) return known.asked;
    const asked = derive(credential, facts);
    last.set(connection, { facts, asked });
    return asked;
  };
}

// A ladder: only an app that clearly says "nobody" makes someone a stranger; whatever else is odd is nobody's word.
function judge(answer: JsonAnswer, readPerson: PersonReader, redirectIsAnonymous: boolean): IdentityAnswer {
  if (answer.kind === 'unavailable') return answer;
  if (answer.kind === 'status') {
    if (answer.status === 401 || answer.status === 403) return { kind: 'anonymous' };
    if (redirectIsAnonymous && answer.status >= 300 && answer.status < 400) return { kind: 'anonymous' };
    const sick = answer.status >= 500 || answer.status === 429 || answer.status === 408;
    const cause = `the app answered ${String(answer.status)}`;
    return { kind: 'unavailable', cause, because: sick ? 'app' : 'question' };
  }
  return identityAnswer(readPerson(answer.value));
}
