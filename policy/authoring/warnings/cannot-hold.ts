/** Finds conditions that no request, or nobody whom this policy lets act, can fulfil. */
import type { PolicyFile } from '../../language/policy-schema.ts';
import { nearestWord } from '../../yaml/nearest-word.ts';
import type { Finding } from './warning.ts';

type RuleLine = PolicyFile['rules'][number];

/** Methods whose requests have a body that a rule could look into. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const SPEAKS_GRAPHQL: ReadonlySet<string> = new Set(['GET', 'POST']);

export function findCannotHold(file: PolicyFile): readonly Finding[] {
  const { who, never } = file.act_as;
  const actors = distinct(who.flatMap((grant) => grant.actors));
  const subjects = distinct(who.flatMap((grant) => grant.subjects)).filter((role) => !never.includes(role));
  const modes = distinct(who.map((grant) => grant.mode));
  const markets = Object.keys(file.markets);
  return file.rules.flatMap((rule, index) => {
    const at = (...path: (string | number)[]) => ['rules', index, ...path];
    const unknown = (
      words: readonly string[],
      known: readonly string[],
      key: 'actors' | 'subjects' | 'market',
    ) =>
      words.flatMap((word, place) => {
        if (known.includes(word)) return [];
        const path =
          key !== 'market' ? at(key, 'roles', place) : Array.isArray(rule.market) ? at(key, place) : at(key);
        return [notAmong(rule, word, known, key, path)];
      });
    return [
      ...unknown(rule.actors?.roles ?? [], actors, 'actors'),
      ...unknown(rule.subjects?.roles ?? [], subjects, 'subjects'),
      ...(markets.length === 0 ? [] : unknown([rule.market ?? []].flat(), markets, 'market')),
      ...wrongMode(rule, modes, at('mode')),
      ...noBody(rule, index),
    ];
  });
}

const WHY = {
  actors: [
    'is about actors with the role',
    'no line of act_as.who lets such a person act',
    'those who may act',
  ],
  subjects: [
    'is about subjects with the role',
    'nobody may act as such a person',
    'those who may be acted for',
  ],
  market: ['is about the market', 'no such market stands under markets', 'markets'],
} as const;

function notAmong(
  { id }: RuleLine,
  word: string,
  known: readonly string[],
  key: keyof typeof WHY,
  path: Finding['path'],
): Finding {
  const [about, but, list] = WHY[key];
  const near = nearestWord(word, known);
  return {
    code: 'cannot_hold',
    path,
    message: `rule "${id}" ${about} "${word}", but ${but}`,
    hint: near === null ? `${list}: ${known.join(', ')}` : `did you mean "${near}"?`,
  };
}

function wrongMode(
  { id, mode }: RuleLine,
  modes: readonly string[],
  path: Finding['path'],
): readonly Finding[] {
  if (mode === undefined || modes.includes(mode)) return [];
  return [
    {
      code: 'cannot_hold',
      path,
      message: `rule "${id}" is about sessions in the mode ${mode}, but no line of act_as.who grants it`,
      hint: `add "mode: ${mode}" to a line of act_as.who, or take the condition out`,
    },
  ];
}

function noBody({ id, on, body, graphql }: RuleLine, index: number): readonly Finding[] {
  const able = graphql !== undefined ? SPEAKS_GRAPHQL : body !== undefined ? WITH_BODY : null;
  if (able === null) return [];
  return on.flatMap(({ methods, pattern }, place) => {
    if (methods === null || methods.some((method) => able.has(method))) return [];
    const what = graphql === undefined ? 'has no body to look into' : 'carries no GraphQL';
    return [
      {
        code: 'cannot_hold',
        path: ['rules', index, 'on', place],
        message: `rule "${id}" has a ${graphql === undefined ? 'body' : 'graphql'} condition, but ${methods.join('|')} ${pattern.text} ${what}`,
        hint: `name the methods that do: ${[...able].join(', ')}`,
      } as const,
    ];
  });
}

function distinct<T>(words: readonly T[]): readonly T[] {
  return [...new Set(words)];
}
