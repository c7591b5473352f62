/** Describes the routes of single-use act-as links. */
import type { Paths } from './openapi-types.ts';
import {
  ANY_REFUSAL,
  answer,
  inPath,
  json,
  listOf,
  object,
  page,
  redirect,
  ref,
  refusals,
  text,
} from './schema-words.ts';

const tags = ['links'];
const secret = inPath('secret', 'What the address ends with; told once, when the link is made.');

export const linkPaths: Paths = {
  '/_act-as/links': {
    post: {
      operationId: 'makeLink',
      summary: 'Make a link by which one named member of staff can take a seat once',
      tags,
      requestBody: { required: true, content: json(ref('LinkRequest')) },
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404, 422, 429),
        201: answer('Made. The address is told this once.', object({ link: ref('Link'), url: text })),
      },
    },
    get: {
      operationId: 'listLinks',
      summary:
        'Links that can still be used: one’s own, those made by one, and those of the markets one reviews',
      tags,
      responses: { ...ANY_REFUSAL, 200: answer('Oldest first.', object({ links: listOf(ref('Link')) })) },
    },
  },
  '/_act-as/links/{id}/revoke': {
    post: {
      operationId: 'revokeLink',
      summary: 'Make a link useless, as who made it or reviews its market',
      tags,
      parameters: [inPath('id', 'Id of the link.')],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404),
        200: answer('Revoked.', object({ revoked: { const: true } })),
      },
    },
  },
  '/_act-as/open/{secret}': {
    get: {
      operationId: 'lookAtLink',
      summary: 'What the link would begin: whose seat, why and for how long; begins nothing',
      tags,
      parameters: [secret],
      responses: { ...ANY_REFUSAL, ...refusals(404, 410), 200: page('With the one button.') },
    },
    post: {
      operationId: 'useLink',
      summary: 'Take the seat: once, by the one person the link names, if they may by then',
      tags,
      parameters: [secret],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404, 409, 410, 422, 429),
        201: answer(
          'Started; the cookie comes with it.',
          object({ session: ref('Session'), location: text }),
        ),
        303: redirect('Started, for a form.'),
      },
    },
  },
};
