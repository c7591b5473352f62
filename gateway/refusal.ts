/** The closed list of the gateway's own refusals: codes, statuses and the words people read. */
import type { ActRefusal, BodyFault, PathFault } from '../policy/index.ts';

/** Faults of a request as a whole, beyond those of its path. */
export type RequestFault =
  | PathFault
  | BodyFault
  | 'http_version'
  | 'method_not_served'
  | 'target_too_long'
  | 'header_name'
  | 'header_repeated'
  | 'header_value'
  | 'headers_too_many'
  | 'unknown_host'
  | 'framing'
  | 'body_not_expected'
  | 'body_encoding'
  | 'body_interrupted'
  | 'expectation'
  | 'early_data'
  | 'connection_header'
  | 'upgrade'
  | 'handshake'
  | 'method_override'
  | 'query'
  | 'session_cookie'
  | 'service_worker'
  | 'origin';

/** Statuses of unsettled requests where HTTP has a better one than 400. */
const FAULT_STATUS: Partial<Record<RequestFault, number>> = {
  http_version: 505,
  method_not_served: 405,
  target_too_long: 414,
  headers_too_many: 431,
  unknown_host: 421,
  body_too_large: 413,
  body_encoding: 415,
  content_type: 415,
  expectation: 417,
  early_data: 425,
};

/** Where the general sentence, that a request has more than one meaning, would not be true. */
const FAULT_DETAIL: Partial<Record<RequestFault, string>> = {
  http_version: 'This version of HTTP is not spoken here.',
  method_not_served: 'This method is not served here.',
  target_too_long: 'The address is too long.',
  headers_too_many: 'The request has too many header lines.',
  unknown_host: 'This is not a name that the site answers to.',
  body_too_large: 'The body of the request is too large.',
  body_encoding: 'A body in this encoding cannot be checked, so it was not sent on.',
  content_type: 'A body of this type cannot be checked, so it was not sent on.',
  body_interrupted: 'The body of the request broke off.',
  body_not_json: 'The body of the request is not the JSON that is expected here, so it was not sent on.',
  body_not_form: 'The body of the request is not the form that is expected here, so it was not sent on.',
  upgrade: 'WebSockets and other upgrades are not available here while acting for someone.',
  handshake: 'This asks for a WebSocket, but not as RFC 6455 has it, so it was not sent on.',
  service_worker: 'Service workers are not available while acting for someone.',
  early_data: 'Please send the request again, not as early data.',
  expectation: 'This expectation cannot be met.',
};

export type RefusalCode =
  | 'blocked'
  | 'paused'
  | 'not_locked'
  | 'confirm'
  | 'session_ended'
  | 'not_signed_in'
  | 'not_allowed'
  | 'seat_taken'
  | 'no_session'
  | 'not_found'
  | 'link_spent'
  | 'too_many_requests'
  | 'invalid_request'
  | 'unsettled_request'
  | 'audit_unavailable'
  | 'sessions_unavailable'
  | 'delegation_refused'
  | 'sign_out_failed'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'internal_error';

type Words = { readonly status: number; readonly title: string; readonly detail: string };

/** `{subject}`, `{actor}` and `{what}` are filled in where they are known. */
export const REFUSALS: Readonly<Record<RefusalCode, Words>> = {
  blocked: {
    status: 403,
    title: 'Not available while acting as someone else',
    detail:
      '{what} isn’t available during an act-as session. The attempt was recorded. Stop acting as {subject} first and use your normal admin tools instead.',
  },
  paused: {
    status: 423,
    title: 'Paused while someone is helping you',
    detail:
      '{actor} from your market is currently helping you, so your own cart and checkout are paused until they step out. You can go on browsing; nothing was changed.',
  },
  not_locked: {
    status: 423,
    title: 'The cart is not locked yet',
    detail:
      'Lock {subject}’s cart first, with the button in the banner; then nobody else changes it while you do. Nothing was changed.',
  },
  confirm: {
    status: 409,
    title: 'You are acting as {subject}',
    detail: 'Do you want to just stop acting as {subject}, or to sign out entirely?',
  },
  session_ended: {
    status: 401,
    title: 'Your act-as session has ended',
    detail:
      'You are no longer acting as {subject}. This request was not carried out, neither as {subject} nor as yourself.',
  },
  not_signed_in: {
    status: 401,
    title: 'Please sign in',
    detail: 'Sign in to the market first, then try again.',
  },
  not_allowed: { status: 403, title: 'Not allowed', detail: 'You are not allowed to do this.' },
  seat_taken: {
    status: 409,
    title: 'The seat is taken',
    detail: 'Someone is already acting for this person.',
  },
  no_session: { status: 409, title: 'No act-as session', detail: 'There is no act-as session to stop.' },
  not_found: { status: 404, title: 'Not found', detail: 'There is nothing at this address.' },
  link_spent: { status: 410, title: 'This link is of no use any more', detail: 'Ask for a new one.' },
  too_many_requests: {
    status: 429,
    title: 'Too often',
    detail: 'This was asked for too often within a minute. Please wait a moment and try again.',
  },
  invalid_request: {
    status: 422,
    title: 'Invalid request',
    detail: 'The request has missing or wrong fields.',
  },
  unsettled_request: {
    status: 400,
    title: 'Request refused',
    detail: 'This request could be read in more than one way, so it was not sent on.',
  },
  audit_unavailable: {
    status: 503,
    title: 'The record is unavailable',
    detail:
      'The audit record cannot be written at the moment, so nothing was changed. Please try again shortly.',
  },
  sessions_unavailable: {
    status: 503,
    title: 'Act-as sessions are unavailable',
    detail:
      'Act-as sessions cannot be checked at the moment, so nothing was changed. Please try again shortly.',
  },
  delegation_refused: {
    status: 502,
    title: 'The market did not accept the seat',
    detail: 'The market did not confirm that this seat is {subject}’s, so acting was not possible.',
  },
  sign_out_failed: {
    status: 502,
    title: 'You are still signed in',
    detail:
      'You have stopped acting for anyone, but the market did not sign you out. You are signed in as yourself; please sign out there.',
  },
  upstream_unreachable: {
    status: 502,
    title: 'The market is not answering',
    detail: 'The market could not be reached. Please try again shortly.',
  },
  upstream_timeout: {
    status: 504,
    title: 'The market took too long to answer',
    detail:
      'The market did not answer in time. If you were changing something, check whether it was done before you try again.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong',
    detail: 'The gateway could not finish this request. Please quote the request id if you report it.',
  },
};

/** Why someone may not act for someone, in words for the dialog. */
export const ACT_REFUSALS: Readonly<Record<ActRefusal, string>> = {
  actor_not_permitted: 'Your role doesn’t allow acting as someone else.',
  actor_inactive: 'Your account is not active.',
  actor_blocked: 'Your account is blocked.',
  self: 'You can’t act as yourself.',
  subject_protected: 'A market manager can’t act as another market manager.',
  subject_role: 'Accounts of this kind can’t be acted for.',
  subject_inactive: 'This account is not active, so nobody can act for it.',
  subject_blocked: 'This account is blocked or suspended, so nobody can act for it.',
  other_market: 'This person belongs to another market.',
  not_assigned: 'This customer is not assigned to you.',
};

export type Refusal = {
  readonly code: RefusalCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** What exactly could not be settled, or which rule of permission spoke. */
  readonly fault: string | null;
  /** Of a taken seat: whether whoever asked may end what is in the way, with `takeover`. */
  readonly mayTakeOver?: boolean;
  /** The rule that sends people back to where they were, instead of showing them a page about it. */
  readonly sendsBack?: string;
};

/** Fills a refusal's words in; `detail` replaces the sentence where the caller knows a better one. */
export function refusal(
  code: RefusalCode,
  facts: { subject?: string; actor?: string; what?: string; detail?: string; fault?: string } = {},
): Refusal {
  const words = REFUSALS[code];
  const fill = (text: string): string =>
    text
      .replaceAll('{subject}', () => facts.subject ?? 'this person')
      .replaceAll('{what}', () => facts.what ?? 'This action')
      .replaceAll('{actor}', () => facts.actor ?? 'A market manager');
  return {
    code,
    status: words.status,
    title: fill(words.title),
    detail: fill(facts.detail ?? words.detail),
    fault: facts.fault ?? null,
  };
}

export function unsettled(fault: RequestFault): Refusal {
  const detail = FAULT_DETAIL[fault];
  return {
    ...refusal('unsettled_request', { fault, ...(detail === undefined ? {} : { detail }) }),
    status: FAULT_STATUS[fault] ?? 400,
  };
}
