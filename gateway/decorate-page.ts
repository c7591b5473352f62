/** Stage 6: adds what a page must show to whoever looks at it; any other answer passes as it is. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Answer } from './answer.ts';
import {
  planDecoration,
  type ActAsButtons,
  type ActingNotice,
  type AssistedNotice,
  type Decoration,
  type HeaderPair,
} from './decorate/index.ts';
import { newsFor, NO_MORE_NEWS } from './news.ts';
import type { Parts } from './parts.ts';
import { isPage } from './seat.ts';
import { cartWords } from './session-ended.ts';
import { STAFF_COOKIE, type ActAsSession } from './sessions/index.ts';
import { headerOf, type Settled } from './settle/settle.ts';

export type Page = { readonly answer: Answer; readonly transforms: readonly Duplex[] };

export function decoratePage(
  answer: Answer,
  request: Settled,
  decorations: readonly Decoration[],
  parts: Parts,
): Page {
  const plain = { answer, transforms: [] };
  if (decorations.length === 0 || !isPage(request)) return plain;
  const plan = planDecoration(
    { method: request.method, status: answer.status, headers: pairs(answer.headers) },
    decorations,
    {
      origin: parts.publicOrigin(request.host),
      nonce: randomBytes(18).toString('base64'),
      now: parts.clock.now(),
      browser: parts.browser,
    },
    () =>
      parts.log.warn(
        { request_id: request.id, path: request.path.canonical },
        'a page had no place for the banner',
      ),
  );
  if (plan === null) return plain;
  for (const transform of plan.transforms) {
    transform.once('error', (error) =>
      parts.log.warn({ request_id: request.id, err: error }, 'a page broke while it was decorated'),
    );
  }
  const shown = decorations.some(
    (decoration) => decoration.kind === 'buttons' && decoration.places.length > 0,
  );
  const told = decorations.some((decoration) => decoration.kind === 'acting' && decoration.news !== null);
  const headers = [
    ...plan.headers.flat(),
    ...(shown ? STAFF_BROWSER : []),
    ...(told ? ['set-cookie', NO_MORE_NEWS] : []),
  ];
  return { answer: { ...answer, headers }, transforms: plan.transforms };
}

export function actingDecorations(
  session: ActAsSession,
  request: Settled,
  parts: Parts,
): readonly Decoration[] {
  return isPage(request) ? [actingNotice(session, request, parts)] : NOTHING;
}

function actingNotice(session: ActAsSession, request: Settled, parts: Parts): ActingNotice {
  const now = parts.clock.now();
  return {
    kind: 'acting',
    sessionId: session.id,
    subjectName: session.subject.name,
    actorName: session.actor.name,
    mode: session.mode,
    idleLeftMs: Math.max(0, session.idleExpiresAt - now),
    absoluteLeftMs: Math.max(0, session.absoluteExpiresAt - now),
    returnTo: session.returnTo,
    signOut: parts.policy().confirmRoutes(),
    lock: session.pause === 'on_lock' ? (session.locked ? 'locked' : 'unlocked') : null,
    atEnd: cartWords(session.subject.name, parts.policy().settings).join(' '),
    news: newsFor(request, session, parts),
  };
}

function assistedNotice(session: ActAsSession, parts: Parts): AssistedNotice {
  return {
    kind: 'assisted',
    actorFirstName: firstName(session.actor.name),
    startedAt: session.startedAt,
    idleExpiresAt: session.idleExpiresAt,
    absoluteExpiresAt: session.absoluteExpiresAt,
    timezone: timezoneOf(session, parts),
    paused: session.locked,
  };
}

const NOTHING: readonly Decoration[] = [];
const STAFF_BROWSER = ['set-cookie', `${STAFF_COOKIE}=1; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`];

/** @param assisting the session in which the sender is being helped, if one is live. */
export function ordinaryDecorations(
  request: Settled,
  assisting: ActAsSession | null,
  parts: Parts,
): readonly Decoration[] {
  if ((assisting === null && parts.buttons.length === 0) || !isPage(request)) return NOTHING;
  const buttons = buttonsFor(request, parts);
  return [
    ...(assisting === null ? [] : [assistedNotice(assisting, parts)]),
    ...(buttons === null ? [] : [buttons]),
  ];
}

/**
 * The buttons of every place whose page this is. A browser that was shown buttons once gets them, with no place, on its
 * other pages too: the script is then there to cover a page of the manager's own when a session begins in another tab.
 */
function buttonsFor(request: Settled, parts: Parts): ActAsButtons | null {
  if (request.method !== 'GET') return null;
  const places = parts.buttons.filter(({ shownOn }) => shownOn(request.path)).map(({ place }) => place);
  if (places.length === 0 && headerOf(request, 'cookie')?.includes(`${STAFF_COOKIE}=1`) !== true) return null;
  const { settings } = parts.policy();
  return {
    kind: 'buttons',
    places,
    reasonMaxLength: settings.reason.maxLength,
    reasonRequired: settings.reason.required,
    idleTimeoutMs: settings.idleTimeoutMs,
    absoluteTimeoutMs: settings.absoluteTimeoutMs,
  };
}

export function firstName(name: string): string {
  return name.trim().split(/\s+/u, 1)[0] ?? name;
}

function timezoneOf(session: ActAsSession, parts: Parts): string {
  const market = session.market === null ? undefined : parts.policy().settings.markets.get(session.market.id);
  return market?.timezone ?? 'UTC';
}

function pairs(headers: readonly string[]): HeaderPair[] {
  const list: HeaderPair[] = [];
  for (let index = 0; index < headers.length; index += 2)
    list.push([headers[index] ?? '', headers[index + 1] ?? '']);
  return list;
}
