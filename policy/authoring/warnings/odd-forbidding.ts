/** Finds rules that hold back what needs no holding back, or that anyone can step around. */
import type { PolicyFile } from '../../language/policy-schema.ts';
import { isRead } from '../../is-read.ts';
import type { Finding } from './warning.ts';

export function findOddForbidding({ rules }: PolicyFile): readonly Finding[] {
  return rules.flatMap((rule, index) => [...pausesReads(rule, index), ...canBeAvoided(rule, index)]);
}

type RuleLine = PolicyFile['rules'][number];

function pausesReads({ id, effect, on }: RuleLine, index: number): readonly Finding[] {
  if (effect !== 'pause') return [];
  return on.flatMap(({ methods, pattern }, place) => {
    if (methods === null || !methods.every(isRead)) return [];
    return [
      {
        code: 'pauses_reads',
        path: ['rules', index, 'on', place],
        message: `rule "${id}" pauses only looking (${methods.join('|')} ${pattern.text}): the customer meets a refusal where nothing can go wrong`,
        hint: `pause what changes something: POST|PUT|PATCH|DELETE ${pattern.text}`,
      } as const,
    ];
  });
}

function canBeAvoided({ id, effect, header }: RuleLine, index: number): readonly Finding[] {
  if (header === undefined || effect === 'audit' || effect === 'allow') return [];
  const names = Object.keys(header).join(', ');
  return [
    {
      code: 'can_be_avoided',
      path: ['rules', index, 'header'],
      message: `rule "${id}" holds back only requests with a certain ${names}, which whoever sends them chooses: without it they pass`,
      hint: 'decide by the path, the body or the person instead',
    },
  ];
}
