/** Describes the reviewers' pages and routes. */
import { EVENT_NAMES, OUTCOMES } from '../../audit-store/index.ts';
import type { Parameter, Paths } from './openapi-types.ts';
import {
  ANY_REFUSAL,
  answer,
  inPath,
  inQuery,
  listOf,
  object,
  oneOf,
  orNull,
  page,
  redirect,
  ref,
  refusals,
  text,
  whole,
} from './schema-words.ts';

const tags = ['record'];
const AUDIT = '/admin/impersonation-audit';

const day = { type: 'string', format: 'date' };
const filters: readonly Parameter[] = [
  inQuery('from', 'First day, in the market’s time zone.', day),
  inQuery('to', 'Last day.', day),
  inQuery('event', 'One event.', oneOf('', ...EVENT_NAMES)),
  inQuery('outcome', 'One outcome.', oneOf('', ...OUTCOMES)),
  inQuery('manager', 'Part of the name or e-mail of who acted.'),
  inQuery('customer', 'Part of the name or e-mail of whom they acted for.'),
  inQuery('market', 'Id of a market, for those who review several.'),
];

export const recordPaths: Paths = {
  [AUDIT]: {
    get: {
      operationId: 'recordPage',
      summary: 'The record, as a page',
      tags,
      parameters: filters,
      responses: { ...ANY_REFUSAL, ...refusals(422), 200: page('Newest first.') },
    },
  },
  [`${AUDIT}/`]: {
    get: {
      operationId: 'recordPageBySlash',
      summary: 'The same by another spelling',
      tags,
      responses: { ...ANY_REFUSAL, 308: redirect('To the page.') },
    },
  },
  [`${AUDIT}/events.json`]: {
    get: {
      operationId: 'events',
      summary: 'The record, a page of it at a time',
      tags,
      parameters: [
        ...filters,
        inQuery('cursor', '`next` of the page before.', whole),
        inQuery('limit', 'Events a page.', { type: 'integer', minimum: 1, maximum: 1000 }),
      ],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(422),
        200: answer('Newest first.', object({ events: listOf(ref('Event')), next: orNull(whole) })),
      },
    },
  },
  [`${AUDIT}/newer.json`]: {
    get: {
      operationId: 'newerEvents',
      summary:
        'How many events came after one: answered as soon as there are more than known, or after a while',
      tags,
      parameters: [
        ...filters,
        inQuery('after', '`seq` of the newest event that is known.', whole),
        inQuery('known', 'How many newer ones are known of.', whole),
      ],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(422),
        200: answer('At most 100: from there on there are many.', object({ newer: whole })),
      },
    },
  },
  [`${AUDIT}/export.csv`]: {
    get: {
      operationId: 'exportRecord',
      summary: 'The record as CSV, streamed',
      tags,
      parameters: filters,
      responses: {
        ...ANY_REFUSAL,
        ...refusals(422),
        200: {
          description: 'Fifteen columns, a line of their names first.',
          content: { 'text/csv': { schema: text } },
        },
      },
    },
  },
  [`${AUDIT}/sessions/{id}`]: {
    get: {
      operationId: 'sessionPage',
      summary: 'Everything of one session, or of one link, as a page',
      tags,
      parameters: [inPath('id', 'Id of the session or link.')],
      responses: { ...ANY_REFUSAL, ...refusals(404), 200: page('Oldest first.') },
    },
  },
  [`${AUDIT}/orders`]: {
    get: {
      operationId: 'orderPage',
      summary: 'From an order to the session it was placed in',
      tags,
      parameters: [inQuery('id', 'Id of the order in the app.')],
      responses: { ...ANY_REFUSAL, ...refusals(404), 303: redirect('To its place in the session.') },
    },
  },
  [`${AUDIT}/policy`]: {
    get: {
      operationId: 'policyPage',
      summary: 'The policy in force, and what it would answer, as a page',
      tags,
      responses: {
        ...ANY_REFUSAL,
        ...refusals(422),
        200: page('Rules, and an answer where one was asked for.'),
      },
    },
  },
  [`${AUDIT}/assets/{name}`]: {
    get: {
      operationId: 'recordAsset',
      summary: 'What these pages load',
      tags,
      parameters: [inPath('name', 'Name of the file.')],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404),
        200: {
          description: 'The file.',
          content: { 'text/css': { schema: text }, 'image/svg+xml': { schema: text } },
        },
      },
    },
  },
};
