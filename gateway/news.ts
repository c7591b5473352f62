/** One sentence for the next page that someone who is acting sees, such as that the seat is taken or a page is off-limits. */
import { refusal } from './refusal.ts';
import type { Parts } from './parts.ts';
import { NEWS_COOKIE, type ActAsSession } from './sessions/index.ts';
import { cookieValue } from './settle/session-cookie.ts';
import { headerOf, type Settled } from './settle/settle.ts';

export type News =
  | { readonly kind: 'accessed' | 'locked' | 'unlocked' }
  /** A rule sent them back from one of its pages. */
  | { readonly kind: 'sent_back'; readonly rule: string };

const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Lax';

/** The value of a Set-Cookie line. It names a rule or nothing at all, so it tells nobody anything. */
export function newsCookie(news: News): string {
  const value = news.kind === 'sent_back' ? `sent_back.${news.rule}` : news.kind;
  return `${NEWS_COOKIE}=${value}; Max-Age=60; ${ATTRIBUTES}`;
}

export const NO_MORE_NEWS = `${NEWS_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;

/** Null for whatever we did not write. */
export function newsFor(
  request: Settled,
  session: ActAsSession,
  parts: Pick<Parts, 'policy'>,
): string | null {
  const value = cookieValue(headerOf(request, 'cookie') ?? '', NEWS_COOKIE);
  const { name } = session.subject;
  switch (value) {
    case null:
      return null;
    case 'accessed':
      return `You successfully accessed ${name}’s account.`;
    case 'locked':
      return `${name}’s cart is locked: only you can change it now.`;
    case 'unlocked':
      return `${name}’s cart is unlocked and theirs again.`;
    default:
      return sentBackWords(value, name, parts);
  }
}

function sentBackWords(value: string, subject: string, parts: Pick<Parts, 'policy'>): string | null {
  const rule = /^sent_back\.([a-z][a-z0-9-]{0,79})$/.exec(value)?.[1];
  if (rule === undefined) return null;
  const what = parts.policy().labelOf(rule) ?? 'That page';
  return refusal('blocked', {
    subject,
    what,
    detail: '{what} isn’t available while acting as {subject}. The attempt was recorded.',
  }).detail;
}
