/** The directory that gateway.yaml describes: the app's customer routes, asked as the actor and never as ourselves. */
import {
  askJson,
  compilePerson,
  compilePointer,
  proofFor,
  type AskDeps,
  type Credential,
  type Identity,
  type JsonAnswer,
  type Question,
} from '../identity/index.ts';
import type { Directory, DirectoryAnswer } from './directory.ts';
import type { DirectoryConfig } from './directory-schema.ts';

const longestText = 200;
const longestId = 128;
const mostFound = 100;

export function createDirectory(config: DirectoryConfig, deps: AskDeps): Directory {
  const readPerson = compilePerson(config.person);
  const list = compilePointer(config.list ?? '');
  const one = compilePointer(config.one ?? '');

  async function ask(path: string, credential: Credential): Promise<DirectoryAnswer<unknown>> {
    const question: Question = {
      path,
      cookies: config.cookies,
      authorization: config.authorization,
      headers: config.headers,
      timeoutMs: config.timeout,
    };
    const proof = proofFor(question, credential);
    if (proof === null) return { kind: 'unknown' };
    return judge(await askJson(deps, question, credential, proof));
  }

  function readList(value: unknown, limit: number): DirectoryAnswer<readonly Identity[]> {
    const found = list(value);
    if (found.kind !== 'value' || !Array.isArray(found.value)) return unavailable('no list in the answer');
    const people: Identity[] = [];
    let cause: string | null = null;
    for (const entry of found.value) {
      if (people.length >= limit) break;
      const read = readPerson(entry);
      // One customer whose record is odd does not hide the others.
      if (read.kind === 'person') people.push(read.person);
      else cause ??= read.kind === 'unreadable' ? read.cause : 'a customer without an id in the answer';
    }
    // Not one that can be read is no accident of the data: the mapping is wrong, or the answer is.
    return people.length === 0 && cause !== null ? unavailable(cause) : { kind: 'found', value: people };
  }

  return {
    async search(text, limit, credential) {
      const most = Math.min(Math.max(Math.trunc(limit), 1), mostFound);
      const answer = await ask(
        fill(config.search, { q: text.trim().slice(0, longestText), limit: String(most) }),
        credential,
      );
      return answer.kind === 'found' ? readList(answer.value, most) : answer;
    },

    async fetch(id, credential) {
      if (!isAskable(id)) return { kind: 'unknown' };
      const answer = await ask(fill(config.fetch, { id }), credential);
      if (answer.kind !== 'found') return answer;
      const found = one(answer.value);
      if (found.kind === 'null') return { kind: 'unknown' };
      const read = found.kind === 'value' ? readPerson(found.value) : null;
      if (read === null || read.kind === 'nobody') return unavailable('no customer in the answer');
      if (read.kind === 'unreadable') return unavailable(read.cause);
      // Whoever the app took this id for, it is not the customer who was asked for: nobody is seated by mistake.
      if (read.person.id !== id) return unavailable('the answer is about somebody else');
      return { kind: 'found', value: read.person };
    },
  };
}

function judge(answer: JsonAnswer): DirectoryAnswer<unknown> {
  if (answer.kind === 'json') return { kind: 'found', value: answer.value };
  if (answer.kind === 'unavailable') return answer;
  if (answer.status === 401 || answer.status === 403 || answer.status === 404) return { kind: 'unknown' };
  return unavailable(`the app answered ${String(answer.status)}`);
}

/** Whether an id can stand in a path without meaning anything but itself, however often the app decodes it. */
function isAskable(id: string): boolean {
  if (id === '' || id.length > longestId || !id.isWellFormed()) return false;
  return !/[\p{Cc}\p{Z}/\\%?#;]|\.\.|^\.$/u.test(id);
}

function fill(path: string, values: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((values[name] ?? '').toWellFormed()),
  );
}

function unavailable(cause: string): { kind: 'unavailable'; cause: string } {
  return { kind: 'unavailable', cause };
}
