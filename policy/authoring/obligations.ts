/** What is done with a request that is sent on, and kept of its answer, in words for those who ask about a rule. */
import type { Decision } from '../decision.ts';

const PLACES = { json: '', form: 'form field ', header: 'header ' } as const;

export function obligationsOf({ obligations: { amend, capture } }: Decision): readonly string[] {
  const kinds = ['json', 'form', 'header'] as const;
  return [
    ...kinds.flatMap((kind) =>
      Object.entries(amend[kind]).map(([place, text]) => `amends ${PLACES[kind]}${place} with “${text}”`),
    ),
    ...Object.entries(capture).map(([name, pointer]) => `captures ${name} from ${pointer} of the answer`),
  ];
}
