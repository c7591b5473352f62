/** A real record behind the real pages: SQLite in a folder of its own, Fastify on port 0, a clock the test sets. */
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import {
  adminUi,
  type AdminRefusal,
  type AuditRead,
  type LiveSession,
  type PolicyInForce,
  type ReviewerAnswer,
} from '../../admin-ui/index.ts';
import { openSqliteAuditStore, type AuditStore, type NewAuditEvent } from '../../audit-store/index.ts';
import { loadPolicy, type Person } from '../../policy/index.ts';

export type AuditDesk = {
  readonly origin: string;
  readonly store: AuditStore;
  readonly clock: { now: number };
  readonly reads: AuditRead[];
  readonly logged: { readonly facts: object; readonly message: string }[];
  readonly live: LiveSession[];
  /** Makes the session store unable to answer. */
  readonly sessionsDown: { value: boolean };
  /** What the pages are told of the policy in force. */
  readonly inForce: { value: PolicyInForce };
  /** Stops asked for through the form, with what the form carried. */
  readonly stops: { readonly id: string; readonly returnTo: string }[];
  get(path: string, who: Who, headers?: Record<string, string>): Promise<Response>;
  /** Writes one event at that instant. */
  record(at: number | string, event: Partial<NewAuditEvent>): Promise<void>;
  close(): Promise<void>;
};

const person = (id: string, name: string, email: string, market: string | null, roles: string[]): Person => ({
  id,
  name,
  email,
  market,
  roles,
  active: true,
  assignedTo: null,
  claims: {},
});

export const PEOPLE = {
  mia: person('1', 'Mia Alvarez', 'mia@valley.example', 'valley', ['market_manager']),
  max: person('2', 'Max Okafor', 'max@hill.example', 'hill', ['market_manager']),
  root: person('3', 'Robin Root', 'root@market.example', null, ['superuser']),
  adrift: person('9', 'Ada Drift', 'ada@market.example', null, ['market_manager']),
  sam: person('5', 'Sam Rivera', 'sam@valley.example', 'valley', ['shopper']),
  hal: person('7', 'Hal Nakamura', 'hal@hill.example', 'hill', ['shopper']),
} as const;

export const VALLEY = { id: 'valley', name: 'Valley Market' } as const;
export const HILL = { id: 'hill', name: 'Hill Market' } as const;

const STATUS: Readonly<Record<AdminRefusal, number>> = {
  not_signed_in: 401,
  not_allowed: 403,
  not_found: 404,
  identity_unavailable: 503,
  audit_unavailable: 503,
};

const ANSWERS = {
  nobody: { kind: 'not_signed_in' },
  unknown: { kind: 'unavailable' },
  sam: { kind: 'not_a_reviewer', person: PEOPLE.sam },
  mia: { kind: 'reviewer', person: PEOPLE.mia, sees: 'own_market' },
  max: { kind: 'reviewer', person: PEOPLE.max, sees: 'own_market' },
  root: { kind: 'reviewer', person: PEOPLE.root, sees: 'every_market' },
  adrift: { kind: 'reviewer', person: PEOPLE.adrift, sees: 'own_market' },
} as const satisfies Record<string, ReviewerAnswer>;

export type Who = keyof typeof ANSWERS;

export const ORDINARY: NewAuditEvent = {
  event: 'action',
  outcome: 'ok',
  sessionId: 'session-a',
  actor: PEOPLE.mia,
  subject: PEOPLE.sam,
  market: VALLEY,
  statusCode: 200,
  method: 'PUT',
  path: '/api/profile',
  action: 'update_profile',
  reason: null,
  ipAddress: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
  requestId: null,
  rule: null,
  details: {},
};

export async function auditDesk(
  settings: {
    readonly stallMs?: number;
    readonly reading?: Partial<Pick<AuditStore, 'events' | 'csvLines' | 'session'>>;
  } = {},
): Promise<AuditDesk> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-desk-'));
  const clock = { now: Date.parse('2026-04-20T16:00:00Z') };
  const real = await openSqliteAuditStore({
    file: join(folder, 'audit.db'),
    clock: { now: () => clock.now },
  });
  const store: AuditStore = {
    intend: (event) => real.intend(event),
    append: (event, completes) => real.append(event, completes),
    policyChanged: (change) => real.policyChanged(change),
    note: (note) => real.note(note),
    droppedNotes: () => real.droppedNotes(),
    events: (filter, page) => real.events(filter, page),
    csvLines: (filter, page) => real.csvLines(filter, page),
    session: (id) => real.session(id),
    recover: (isLive) => real.recover(isLive),
    head: () => real.head(),
    keepCheckpoint: (checkpoint) => real.keepCheckpoint(checkpoint),
    follow: (listener) => real.follow(listener),
    turns: () => real.turns(),
    health: () => real.health(),
    close: () => real.close(),
    ...settings.reading,
  };
  const reads: AuditRead[] = [];
  const live: LiveSession[] = [];
  const stops: { id: string; returnTo: string }[] = [];
  const logged: { facts: object; message: string }[] = [];
  const sessionsDown = { value: false };
  const inForce = { value: shippedInForce(clock.now) };

  const app = fastify();
  app.register(adminUi, {
    store,
    reviewer: (request) => {
      const who = /(?:^|; )person=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'nobody';
      return Promise.resolve(
        new Map<string, ReviewerAnswer>(Object.entries(ANSWERS)).get(who) ?? ANSWERS.nobody,
      );
    },
    holdOpen: () => undefined,
    markets: () =>
      new Map([
        ['valley', { name: 'Valley Market', timezone: 'America/New_York' }],
        ['hill', { name: 'Hill Market', timezone: 'America/Los_Angeles' }],
      ]),
    policyInForce: () => inForce.value,
    liveSessions: () =>
      sessionsDown.value ? Promise.reject(new Error('the session store is away')) : Promise.resolve(live),
    refuse: (request, reply, code) =>
      reply.code(STATUS[code]).type('application/problem+json').send({ code, request_id: request.id }),
    log: {
      warn: (facts, message) => logged.push({ facts, message }),
      error: (facts, message) => logged.push({ facts, message }),
    },
    noteRead: (read) => void reads.push(read),
    clock: { now: () => clock.now },
    ...(settings.stallMs !== undefined && { stallMs: settings.stallMs }),
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );
  // As the gateway does: back to the page on which the button was pressed.
  app.post<{ Params: { id: string } }>('/_act-as/sessions/:id/stop', async (request, reply) => {
    const { id } = request.params;
    const { pathname, search } = new URL(request.headers.referer ?? '/', origin);
    stops.push({ id, returnTo: pathname + search });
    live.splice(0, live.length, ...live.filter((session) => session.id !== id));
    return reply.redirect(pathname + search, 303);
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });

  return {
    origin,
    store,
    clock,
    reads,
    logged,
    live,
    sessionsDown,
    inForce,
    stops,
    get: (path, who, headers = {}) =>
      fetch(origin + path, { headers: { ...headers, cookie: `theme=x; person=${who}` }, redirect: 'manual' }),
    async record(at, event) {
      clock.now = typeof at === 'string' ? Date.parse(at) : at;
      await real.append({ ...ORDINARY, ...event });
    },
    async close() {
      await app.close();
      await real.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The policy that ships, as if it had been loaded when the gateway started. */
export function shippedInForce(loadedAt: number): PolicyInForce {
  const loaded = loadPolicy(readFileSync(new URL('../../policy.yaml', import.meta.url), 'utf8'));
  if (!loaded.ok)
    throw new Error(loaded.mistakes.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return {
    policy: loaded.policy,
    file: '/srv/understudy/policy.yaml',
    loadedAt,
    loadedBy: 'start',
    lastFailure: null,
  };
}
