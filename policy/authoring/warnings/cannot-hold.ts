/** Finds conditions that no request, or nobody who may act, can fulfil. */
import type { PolicyFile } from '../../language/policy-schema.ts';
import { nearestWord } from '../../yaml/nearest-word.ts';
import { isRead } from './methods.ts';
import type { Finding } from './warning.ts';

export function findCannotHold({ rules, act_as: { who } }: PolicyFile): readonly Finding[] {
  const acting = [...new Set(who.flatMap(({ actors }) => actors))];
  return rules.flatMap((rule, index) => {
    const found: Finding[] = [];
    for (const [place, role] of (rule.actors?.roles ?? []).entries()) {
      if (acting.includes(role)) continue;
      const near = nearestWord(role, acting);
      found.push({
        code: 'cannot_hold',
        path: ['rules', index, 'actors', 'roles', place],
        message: `rule "${rule.id}" is about actors with the role "${role}", but no line of act_as.who lets such a person act`,
        hint: near === null ? `those who may act: ${acting.join(', ')}` : `did you mean "${near}"?`,
      });
    }
    return [...found, ...pausesReads(rule, index)];
  });
}

function pausesReads({ id, effect, on }: PolicyFile['rules'][number], index: number): readonly Finding[] {
  if (effect !== 'pause') return [];
  return on.flatMap(({ methods, pattern }, place) => {
    if (methods === null || !methods.every(isRead)) return [];
    return [
      {
        code: 'pauses_reads',
        path: ['rules', index, 'on', place],
        message: `rule "${id}" pauses only looking (${methods.join(', ')} ${pattern.text}); the customer would meet a refusal where nothing can go wrong`,
        hint: `pause what changes something: POST|PUT|PATCH|DELETE ${pattern.text}`,
      } as const,
    ];
  });
}
