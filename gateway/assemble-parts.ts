/** Makes the parts of the pipeline from what was configured: the one place that chooses implementations. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AuditStore } from '../audit-store/index.ts';
import { compilePattern } from '../policy/index.ts';
import { createOpenAnswers } from './acting/open-answers.ts';
import { createCanary } from './acting/canary.ts';
import { createSubjectCheck } from './acting/subject-check.ts';
import { createWhereabouts } from './acting/whereabouts.ts';
import type { Config } from './config/index.ts';
import { readBrowserFiles } from './decorate/index.ts';
import { createDelegation, type KeyRing } from './delegation/index.ts';
import { createDirectory } from './directory/index.ts';
import { lineSink } from './line-sink.ts';
import { linesDropped } from './log.ts';
import { createUpstreamClients } from './forward/upstream-client.ts';
import { describeClient, type Via } from './forward/request-headers.ts';
import { createIdentityProvider, type Credential } from './identity/index.ts';
import { createSessionJars } from './jar/index.ts';
import { createBlockedRows } from './limits/blocked-rows.ts';
import { createPlaces } from './limits/places.ts';
import { createRate } from './limits/rate.ts';
import { createMetrics } from './metrics.ts';
import type { Clock, Parts } from './parts.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { createWaitingEnds } from './record/waiting-ends.ts';
import { steadyClock } from './steady-clock.ts';
import type { OwnPages } from './routes/own-app.ts';
import { sessionCookieName, type SessionStore } from './sessions/index.ts';
import { OVERRIDE_HEADERS } from './settle/method-override.ts';
import { acceptedFaults, settlingWarnings } from './settle/relaxations.ts';
import { sessionCookieReader } from './settle/session-cookie.ts';
import { servesHost } from './site.ts';
import { createUnderWay } from './under-way.ts';

export type GatewayDeps = {
  readonly config: Config;
  readonly policy: PolicyInForce;
  readonly keys: KeyRing;
  readonly audit: AuditStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  /** Milliseconds since whenever, by a clock that nobody can set; without it the other is believed. */
  readonly monotonic?: () => number;
  readonly log: Logger;
  /** Pages of ours beyond the gateway's own: the reviewers'. */
  readonly pages: OwnPages;
};

/** @param port the one really listened on. */
export function assembleParts(deps: GatewayDeps, port: number): Parts {
  const { config, policy, clock, sessions, audit, log } = deps;
  const publicUrl = config.public_url?.replace(/\/$/, '');
  const scheme = publicUrl?.startsWith('https:') === true ? 'https' : 'http';
  // The host was accepted by name, so each of the site's names is an origin of its own.
  const publicOrigin = (host: string): string => `${scheme}://${host}`;
  const siteOrigin = publicUrl ?? `http://localhost:${port}`;
  const cookieName = sessionCookieName(siteOrigin.startsWith('https:'));
  for (const warning of settlingWarnings(config.settling)) log.warn({ setting: 'settling' }, warning);
  const upstream = createUpstreamClients(config.upstream);
  const now = (): number => clock.now();
  const sessionClock =
    deps.monotonic === undefined
      ? clock
      : steadyClock(clock, deps.monotonic, (ms) =>
          log.error(
            { seconds: Math.round(ms / 1000) },
            'the clock was set back; sessions go on by what it would show, until a restart',
          ),
        );
  const headerRules = {
    identityHeaders: new Set(config.identity_headers),
    actingHeaders: new Set([
      ...config.acting.headers,
      ...(config.settling.method_override === 'match' ? OVERRIDE_HEADERS : []),
    ]),
    upstreamHost: config.upstream.host_header === 'upstream' ? new URL(config.upstream.url).host : null,
  };
  const ask = {
    upstream: config.upstream.url,
    dispatcher: upstream.questions,
    // The app hears of the client as it does on forwarded requests: some trust exactly these headers.
    describeClient: ({ header, remoteAddress }: Credential) =>
      clientHeaders(header('host') ?? new URL(siteOrigin).host, {
        clientAddress: remoteAddress,
        proto: siteOrigin.startsWith('https:') ? 'https' : 'http',
        requestId: randomUUID(),
      }),
  };
  const clientHeaders = (host: string, via: Via): Readonly<Record<string, string>> => {
    const lines = describeClient(host, via, headerRules);
    return Object.fromEntries(
      lines.flatMap((name, index) => (index % 2 === 0 ? [[name, lines[index + 1] ?? '']] : [])),
    );
  };
  const directory = createDirectory(config.directory, ask);
  const delegation = createDelegation(config.delegation, {
    keys: deps.keys,
    issuer: siteOrigin,
    clock: now,
    randomUUID,
  });
  const jars = createSessionJars({ sessions, publicOrigin: siteOrigin, clock: now });
  const canary = createCanary(config.canary, {
    ...ask,
    delegation,
    clock,
    cookieHeader: (session, path) => jars.cookieHeader(session.tokenHash, path),
  });
  sessions.onEnd(({ session }) => {
    delegation.forget(session.id);
    canary.forget(session.id);
  });
  return {
    config,
    policy: () => policy.current().policy,
    policyInForce: policy.current,
    sessions,
    jars,
    blockedRows: createBlockedRows({
      audit,
      clock,
      log,
      sessions,
      perMinute: config.limits.blocked_rows_per_minute,
    }),
    whereabouts: createWhereabouts(sessions),
    links: sessions.links,
    startRate: createRate({ perMinute: config.limits.starts_per_minute, clock: now }),
    linkRate: createRate({ perMinute: config.limits.starts_per_minute, clock: now }),
    refusedLinkRate: createRate({ perMinute: 10, clock: now }),
    askAgainRate: createRate({ perMinute: 12, clock: now }),
    identity: createIdentityProvider(config.identity, { ...ask, clock: now }),
    directory,
    subjectCheck: createSubjectCheck(directory, now),
    delegation,
    canary,
    openAnswers: createOpenAnswers({ sessions, clock: sessionClock, log }),
    underWay: createUnderWay(),
    webSocketPlaces: createPlaces({
      altogether: config.limits.websockets,
      forOne: config.limits.session_websockets,
    }),
    audit,
    sender: upstream.requests,
    closeUpstream: upstream.close,
    clock: sessionClock,
    log,
    logsRequests: log.isLevelEnabled('info'),
    metrics: createMetrics(
      () => sessions.liveCount(),
      () => audit.health().ok,
      () => audit.droppedNotes(),
      () => sessions.health().ok,
      () => policy.current(),
    ),
    newId: randomUUID,
    proofKey: randomBytes(32),
    settleRules: {
      methods: new Set(config.limits.methods),
      targetBytes: config.limits.target_bytes,
      headerLines: config.limits.header_lines,
      requestBody: config.limits.request_body,
      servesHost: servesHost(config, port),
      sessionCookie: sessionCookieReader(cookieName),
      accepted: acceptedFaults(config.settling),
    },
    condemned: new WeakSet(),
    headerRules,
    bodyBudget: { held: 0, limit: config.limits.acting_bodies },
    publicOrigin,
    cookieName,
    browser: readBrowserFiles(),
    buttons: config.buttons.map(({ page, each, into, position, ...attributes }) => ({
      place: {
        page,
        each,
        position,
        idAttribute: attributes.id_attribute,
        ...(into === undefined ? {} : { into }),
        ...(attributes.name_attribute === undefined ? {} : { nameAttribute: attributes.name_attribute }),
      },
      shownOn: compilePattern(page),
    })),
    unrecordedEnds: createWaitingEnds({
      audit,
      sessions,
      clock,
      log,
      standardError: lineSink({ fd: 2, dropped: linesDropped }),
      maxBytes: 1024 * 1024,
    }),
  };
}
