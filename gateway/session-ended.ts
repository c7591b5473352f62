/** Says that a session has ended: why, where that is known, and what becomes of the cart, where the policy says so. */
import type { PolicySettings } from '../policy/index.ts';
import { refusal, REFUSALS, type Refusal } from './refusal.ts';
import type { ActAsSession, SessionEnd } from './sessions/index.ts';

type Settings = Pick<PolicySettings, 'cartAtEnd'>;

/** @param why null where nobody knows it any more */
export function sessionEnded(
  session: ActAsSession | null,
  why: SessionEnd | null,
  settings: Settings,
): Refusal {
  const sentences = [
    REFUSALS.session_ended.detail,
    ...(session === null || why === null ? [] : [endWords(why, session)]),
    ...(session === null ? [] : cartWords(session.subject.name, settings)),
  ];
  return refusal('session_ended', {
    subject: session?.subject.name ?? 'someone else',
    detail: sentences.join(' '),
    ...(why === null ? {} : { fault: why }),
  });
}

/** Whether nobody is left to go on as: the actor's own sign-in or account was what ended. */
export function endsSignIn(why: string | null): boolean {
  return why === 'actor_signed_out' || why === 'actor_inactive';
}

/** A sentence for the one who was acting. */
export function endWords(why: SessionEnd, session: Pick<ActAsSession, 'idleTimeoutMs'>): string {
  switch (why) {
    case 'stopped':
    case 'signed_out':
      return 'You ended it, here or in another tab or browser.';
    case 'stopped_by_reviewer':
      return 'Someone who reviews the record ended it.';
    case 'taken_over':
      return 'A colleague took the seat over.';
    case 'idle_timeout':
      return `Nothing was done for ${spell(session.idleTimeoutMs)}, so it ended by itself.`;
    case 'absolute_timeout':
      return 'It had lasted as long as a session may, so it ended by itself.';
    case 'actor_signed_out':
      return 'You are no longer signed in to the market yourself: you signed out elsewhere, somebody else signed in here, your sign-in ran out, or your account was closed.';
    case 'actor_inactive':
      return 'Your own account is no longer active or was blocked, so nothing can be done from it; ask whoever manages your market.';
    case 'actor_not_permitted':
      return 'You are not, or no longer, permitted to act for this person.';
    case 'moved':
      return 'Your address or your browser became another in its midst.';
    case 'wrong_seat':
      return 'The market did not confirm whose seat it was.';
    case 'lost':
      return 'The gateway lost it and ended it to be safe.';
  }
}

/** What becomes of the cart: one sentence or none. */
export function cartWords(subject: string, { cartAtEnd }: Settings): readonly string[] {
  if (cartAtEnd === null) return [];
  return cartAtEnd === 'kept'
    ? [`What is in ${subject}’s cart stays there.`]
    : [`What was put into ${subject}’s cart may be lost.`];
}

function spell(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return `${Math.round(ms / 1000)} seconds`;
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
