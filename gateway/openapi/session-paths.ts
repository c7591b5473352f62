/** Describes the routes that start, show and end sessions, by cookie and by bearer. */
import type { Paths } from './openapi-types.ts';
import {
  ANY_REFUSAL,
  answer,
  inPath,
  inQuery,
  json,
  jsonOrForm,
  listOf,
  object,
  orNull,
  redirect,
  ref,
  refusals,
  text,
  yesNo,
} from './schema-words.ts';

const tags = ['sessions'];
const stopped = object({ ended: { const: true }, location: text }, { signed_out: { const: false } });

export const sessionPaths: Paths = {
  '/_act-as/status': {
    get: {
      operationId: 'status',
      summary: 'Who the caller is, in whose seat, and who sits in theirs',
      description: 'Never keeps a session alive.',
      tags,
      responses: { ...ANY_REFUSAL, 200: answer('Each null where there is none.', ref('Status')) },
    },
  },
  '/_act-as/customers': {
    get: {
      operationId: 'findCustomers',
      summary: 'Customers by name, e-mail, id or external id: at most 20, each with why not where not',
      tags,
      parameters: [inQuery('q', 'At most 200 characters.', { type: 'string', maxLength: 200 })],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(422),
        200: answer('What was found.', object({ customers: listOf(ref('Customer')), more: yesNo })),
      },
    },
  },
  '/_act-as/sessions': {
    post: {
      operationId: 'startSession',
      summary: 'Start acting as a customer, by cookie',
      tags,
      requestBody: { required: true, content: jsonOrForm(ref('SessionRequest')) },
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404, 409, 422, 429),
        201: answer(
          'Started; the cookie comes with it.',
          object({ session: ref('Session'), location: text }),
        ),
        303: redirect('Started, for a form: to the page where the session begins.'),
      },
    },
    get: {
      operationId: 'listSessions',
      summary: 'Live sessions: one’s own, and those of the markets one reviews',
      tags,
      responses: {
        ...ANY_REFUSAL,
        200: answer('Oldest first.', object({ sessions: listOf(ref('Session')) })),
      },
    },
  },
  '/_act-as/sessions/{id}/stop': {
    post: {
      operationId: 'stopSomeonesSession',
      summary: 'End a live session, one’s own elsewhere or, for reviewers, someone else’s',
      tags,
      parameters: [inPath('id', 'Id of the session.')],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404),
        200: answer('Ended.', object({ ended: { const: true } })),
        303: redirect('Ended, for a form.'),
      },
    },
  },
  '/_act-as/tokens': {
    post: {
      operationId: 'issueToken',
      summary: 'Start acting as a customer, by bearer',
      description:
        'For mobile apps and other systems. Every request in the customer’s seat carries the caller’s own credential as usual and beside it `Act-As: <token>`. The session has the same clocks, rules and record as one by cookie, and ends with the caller’s own sign-in.',
      tags,
      requestBody: { required: true, content: json(ref('TokenRequest')) },
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404, 409, 422, 429),
        201: answer(
          'Started. The token is told this once.',
          object({
            token: { type: 'string', pattern: '^act_as_[A-Za-z0-9_-]{43}$' },
            header: { const: 'Act-As' },
            session: ref('Session'),
          }),
        ),
      },
    },
  },
  '/_act-as/stop': {
    post: {
      operationId: 'stop',
      summary: 'Stop acting: ends the session of the cookie or bearer that the request carries',
      tags,
      requestBody: {
        required: false,
        content: jsonOrForm(
          orNull(object({}, { sign_out: { anyOf: [yesNo, text] }, to: { const: 'customer_service' } })),
        ),
      },
      responses: {
        ...ANY_REFUSAL,
        ...refusals(409, 422),
        200: answer('Ended, and where to go; `signed_out: false` where the app did not sign out.', stopped),
        303: redirect('Ended, for a form.'),
      },
    },
    get: {
      operationId: 'stopByLink',
      summary: 'Always refused: a link must not end a session',
      tags,
      responses: { ...ANY_REFUSAL, ...refusals(405) },
    },
  },
  '/_act-as/lock': {
    post: {
      operationId: 'lock',
      summary: 'Lock the customer’s cart, or give it back, in a session that pauses on lock',
      tags,
      requestBody: { required: true, content: jsonOrForm(object({ locked: { anyOf: [yesNo, text] } })) },
      responses: {
        ...ANY_REFUSAL,
        ...refusals(409, 422),
        200: answer('Done.', object({ locked: yesNo, location: text })),
        303: redirect('Done, for a form.'),
      },
    },
  },
};
