/** The shapes of what our routes say and are told, by name. */
import { EVENT_NAMES, OUTCOMES } from '../../audit-store/index.ts';
import { REFUSALS } from '../refusal.ts';
import type { Schema } from './openapi-types.ts';
import { instant, listOf, object, oneOf, orNull, ref, text, whole, yesNo } from './schema-words.ts';

const takeover: Schema = {
  description:
    'Ends what is in the way: true, with permission a colleague’s session too; "own", only the caller’s.',
  anyOf: [yesNo, oneOf('own', 'true', 'false')],
  default: false,
};
const reason = { ...orNull(text), description: 'Why; at most as long as the policy says.' };
const subjectId = {
  type: 'string',
  minLength: 1,
  maxLength: 128,
  description: 'Id of the customer in the app.',
};

export const schemas: Readonly<Record<string, Schema>> = {
  Person: object({ id: text, name: text, email: text }),
  Market: object({ id: text, name: text }),
  Session: object({
    id: text,
    actor: ref('Person'),
    subject: ref('Person'),
    market: orNull(ref('Market')),
    mode: oneOf('full', 'view'),
    pause: oneOf('at_start', 'on_lock'),
    locked: yesNo,
    reason: orNull(text),
    started_at: instant,
    idle_expires_at: instant,
    absolute_expires_at: instant,
  }),
  SessionRequest: object(
    { subject: subjectId },
    {
      reason,
      takeover,
      return_to: { ...orNull(text), description: 'Path to go back to; the Referer’s unless said.' },
      proof: {
        ...orNull(text),
        description: 'Of a form of ours: from within a seat, nothing is displaced without it.',
      },
    },
  ),
  TokenRequest: object(
    { subject: subjectId },
    { reason, takeover: { ...takeover, anyOf: [yesNo, oneOf('own')] } },
  ),
  LinkRequest: object(
    { subject: subjectId },
    {
      actor: { ...subjectId, description: 'Id of the one person who may use it; the caller unless said.' },
      reason,
      expires_in: {
        description: 'How long it can be used: seconds, or such as 30m or 24h.',
        anyOf: [{ type: 'number' }, text],
      },
    },
  ),
  Link: object({
    id: text,
    actor: object({ id: text }),
    subject: ref('Person'),
    market: orNull(ref('Market')),
    reason: orNull(text),
    created_by: ref('Person'),
    created_at: instant,
    expires_at: instant,
  }),
  Status: object({
    actor: orNull(object({ name: text, first_name: text, may_act: yesNo })),
    acting: orNull(
      object({
        session_id: text,
        subject: object({ name: text }),
        mode: oneOf('full', 'view'),
        lock: orNull(oneOf('locked', 'unlocked')),
        started_at: whole,
        idle_left_ms: whole,
        absolute_left_ms: whole,
      }),
    ),
    ended: orNull(object({ session_id: text, why: text, words: text, sign_in_again: yesNo })),
    assisted: orNull(
      object({
        actor_first_name: text,
        paused: yesNo,
        started_at: whole,
        idle_expires_at: whole,
        absolute_expires_at: whole,
      }),
    ),
  }),
  Customer: object(
    {
      id: text,
      name: text,
      email: text,
      roles: listOf(text),
      market: orNull(text),
      active: yesNo,
      status: oneOf('active', 'inactive', 'blocked'),
      assigned_to: orNull(text),
      eligible: yesNo,
    },
    {
      reason: { ...text, description: 'Why they cannot be acted for, as a code; only where not eligible.' },
      detail: { ...text, description: 'The same in words.' },
      taken: object({ by: text, since: instant, own: yesNo, may_take_over: yesNo }),
    },
  ),
  Event: object({
    seq: whole,
    created_at: instant,
    event: oneOf(...EVENT_NAMES),
    outcome: oneOf(...OUTCOMES),
    status_code: orNull(whole),
    manager_name: text,
    manager_email: text,
    customer_name: text,
    customer_email: text,
    market_name: orNull(text),
    method: orNull(text),
    path: orNull(text),
    action: orNull(text),
    reason: orNull(text),
    ip_address: orNull(text),
    user_agent: orNull(text),
    session_id: text,
    request_id: orNull(text),
    rule: orNull(text),
    details: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
  }),
  Problem: object(
    {
      type: { const: 'about:blank' },
      title: text,
      status: whole,
      detail: text,
      code: oneOf(...Object.keys(REFUSALS)),
      request_id: text,
    },
    {
      fault: { ...text, description: 'What exactly could not be read, or which rule spoke.' },
      errors: listOf(object({ field: orNull(text), message: text })),
      may_take_over: { ...yesNo, description: 'Of a taken seat: whether `takeover` would have it.' },
    },
  ),
};
