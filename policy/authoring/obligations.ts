/** What is done with a request that is sent on, and kept of its answer, in words for those who ask about a rule. */
import type { Decision, WebSocketTerms } from '../decision.ts';

const PLACES = { json: '', form: 'form field ', header: 'header ' } as const;

export function obligationsOf({ obligations: { amend, capture }, webSocket }: Decision): readonly string[] {
  const kinds = ['json', 'form', 'header'] as const;
  return [
    ...kinds.flatMap((kind) =>
      Object.entries(amend[kind]).map(([place, text]) => `amends ${PLACES[kind]}${place} with “${text}”`),
    ),
    ...Object.entries(capture).map(([name, pointer]) => `captures ${name} from ${pointer} of the answer`),
    ...(webSocket === null ? [] : [wordsOf(webSocket)]),
  ];
}

function wordsOf({ messages, wrongMessage, protocols }: WebSocketTerms): string {
  const who = messages === 'both' ? 'the browser and the app' : 'the app alone';
  const seen =
    messages === 'both' ? (wrongMessage === null ? ', unseen' : ', the browser’s by a schema') : '';
  const words = protocols.length === 0 ? '' : `, in ${protocols.join(' or ')}`;
  return `may open a WebSocket, on which ${who} may send messages${seen}${words}`;
}
