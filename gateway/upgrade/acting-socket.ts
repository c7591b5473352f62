/** An open WebSocket in somebody else's seat: governed message by message, and no longer there than the seat is. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NewAuditEvent } from '../../audit-store/index.ts';
import type { Decision, Effect, WebSocketTerms } from '../../policy/index.ts';
import { askPolicy, type Decided } from '../decide.ts';
import type { Parts } from '../parts.ts';
import { actionEvent, blockedEvent, type HttpFacts } from '../record/events.ts';
import type { Recorded } from '../record/intent.ts';
import { recordedFacts } from '../record/recorded-facts.ts';
import { confirmSeat } from '../seat.ts';
import type { ActAsSession } from '../sessions/index.ts';
import type { Settled } from '../settle/settle.ts';
import { CLOSE } from './frames.ts';
import { createFromBrowser, type BrowserFault } from './from-browser.ts';
import type { Opening } from './opening.ts';
import { relay } from './relay.ts';

export type ActingSocket = {
  readonly recorded: Recorded;
  readonly terms: WebSocketTerms;
  readonly opening: Opening;
  readonly upstream: Duplex;
  readonly request: Settled;
  readonly incoming: IncomingMessage;
};

/** How often actor and subject are asked about while nothing but the WebSocket asks; milliseconds. */
const CONFIRM_EVERY_MS = 60_000;

const FORWARDS: ReadonlySet<Effect> = new Set(['allow', 'audit']);

/** @returns what is to be told every second of the session as it is: what is permitted may have become less. */
export function openSocket(
  { recorded, terms, opening, upstream, request, incoming }: ActingSocket,
  parts: Parts,
): (session: ActAsSession) => void {
  const { decided, announced } = recorded;
  const http = announced?.http ?? recordedFacts(decided, incoming, parts);
  let messageBytes = bytesOf(decided.decision.bodyLimit);
  let { messages, wrongMessage } = terms;
  let known = decided.session;
  let confirmedAt = parts.clock.now();
  let held: { readonly message: object | null; readonly since: number } = { message: null, since: 0 };
  const notPermitted = (): void => opening.close(CLOSE.notAllowed, 'this is not permitted any more');

  const fromBrowser = createFromBrowser(() => ({ messages, messageBytes, wrongMessage }), parts.bodyBudget);
  const joined = relay<BrowserFault>({
    browser: incoming.socket,
    upstream,
    stallMs: parts.config.upstream.body_timeout,
    fromBrowser,
    onFault(fault) {
      opening.close(fault.code, WORDS[fault.why]);
      void append(messageBlocked(decided, http, fault), parts);
    },
  });
  opening.opened(joined);
  void joined.over.then(() => fromBrowser.drop());
  if (announced !== null)
    void joined.closing.then(() => append(closed(decided, http, fromBrowser.sent()), parts));

  /** A message that is held takes room from all, so it comes to an end as a body does. */
  function isStuck(now: number): boolean {
    const message = fromBrowser.unfinished();
    if (message !== held.message) held = { message, since: now };
    return message !== null && now - held.since > parts.config.upstream.body_timeout;
  }

  async function confirm(seated: ActAsSession): Promise<void> {
    const seat = await confirmSeat(seated, request, incoming, parts);
    if (seat.kind === 'acting') known = seat.session;
    else notPermitted();
  }

  return (session) => {
    const policy = parts.policy();
    const may = policy.mayActFor(known.actor, session.subject);
    const looksOnly = may.allowed && may.mode === 'view';
    const seated = { ...session, actor: known.actor, mode: looksOnly ? may.mode : known.mode };
    const query = decided.target.slice(request.path.canonical.length);
    const asked = { request, session: seated };
    const decision = askPolicy(policy, 'acting', asked, request.method, query, null);
    if (decision.webSocket === null || !FORWARDS.has(decision.effect)) return notPermitted();
    if (decision.webSocket.messages === 'from_app') messages = 'from_app';
    wrongMessage = decision.webSocket.wrongMessage ?? wrongMessage;
    messageBytes = Math.min(messageBytes, bytesOf(decision.bodyLimit));
    const now = parts.clock.now();
    if (isStuck(now)) return opening.close(CLOSE.tryAgainLater, 'the rest of a message did not come');
    if (may.allowed && now - confirmedAt < CONFIRM_EVERY_MS) return undefined;
    confirmedAt = now;
    confirm(seated).catch((error: unknown) => {
      parts.log.error({ err: error, request_id: request.id }, 'a WebSocket could not be asked about');
      notPermitted();
    });
    return undefined;
  };
}

function bytesOf(bodyLimit: Decision['bodyLimit']): number {
  return bodyLimit === 'stream' ? Infinity : bodyLimit;
}

/** In the Close, for the developer at the other end. */
const WORDS: Readonly<Record<BrowserFault['why'], string>> = {
  message_not_permitted: 'no message may be sent while acting for someone',
  message_too_large: 'the message is too large',
  no_room: 'too much is held for others at the moment',
  malformed_frame: 'the frame is malformed',
  frame_after_close: 'the frame came after a Close',
};

function messageBlocked(decided: Decided, http: HttpFacts, { why, wrong }: BrowserFault): NewAuditEvent {
  const facts = {
    action: 'websocket_message_blocked',
    rule: decided.decision.rule,
    details: { why, ...(wrong === undefined ? {} : { wrong }) },
  };
  return blockedEvent(decided.session, { ...http, statusCode: null }, facts);
}

/** The opening stands in the record since it was opened; this is what was sent by it. */
function closed(
  decided: Decided,
  http: HttpFacts,
  { messages, bytes }: { readonly messages: number; readonly bytes: number },
): NewAuditEvent {
  const details = { messages_sent: messages, bytes_sent: bytes };
  const facts = { action: 'websocket_closed', rule: decided.decision.rule, outcome: 'ok', details } as const;
  return actionEvent(decided.session, { ...http, statusCode: null }, facts);
}

/** The message is gone either way; a row that cannot be written is told of on the log. */
async function append(event: NewAuditEvent, parts: Parts): Promise<void> {
  const store = event.event === 'blocked' ? parts.blockedRows : parts.audit;
  try {
    await parts.underWay.finish(Promise.resolve(store.append(event)));
  } catch (error) {
    // Nobody waits for it, so nobody else would hear of a defect either.
    parts.log.fatal(
      { err: error, request_id: event.requestId, session_id: event.sessionId, action: event.action },
      'what happened on a WebSocket is not on the record',
    );
  }
}
