/** What the stages of the pipeline work with; made once in `start.ts`, handed down as an argument. */
import type { Logger } from 'pino';
import type { AuditStore } from '../audit-store/index.ts';
import type { Policy, SettledPath } from '../policy/index.ts';
import type { OpenAnswers } from './acting/open-answers.ts';
import type { Canary } from './acting/canary.ts';
import type { Whereabouts } from './acting/whereabouts.ts';
import type { SubjectCheck } from './acting/subject-check.ts';
import type { Config } from './config/index.ts';
import type { BrowserFiles, ButtonPlace } from './decorate/index.ts';
import type { Delegation } from './delegation/index.ts';
import type { Directory } from './directory/index.ts';
import type { Sender } from './forward/forward.ts';
import type { HeaderRules } from './forward/request-headers.ts';
import type { IdentityProvider } from './identity/index.ts';
import type { SessionJars } from './jar/index.ts';
import type { BlockedRows } from './limits/blocked-rows.ts';
import type { Places } from './limits/places.ts';
import type { Rate } from './limits/rate.ts';
import type { LinkStore } from './links/link-store.ts';
import type { Metrics } from './metrics.ts';
import type { InForce } from './policy-in-force.ts';
import type { WaitingEnds } from './record/waiting-ends.ts';
import type { SessionStore } from './sessions/index.ts';
import type { BodyBudget } from './settle/body.ts';
import type { SettleRules } from './settle/settle.ts';
import type { UnderWay } from './under-way.ts';

export type Clock = { now(): number };

export type Parts = {
  readonly config: Config;
  readonly policy: () => Policy;
  readonly policyInForce: () => InForce;
  readonly sessions: SessionStore;
  readonly jars: SessionJars;
  readonly blockedRows: BlockedRows;
  readonly whereabouts: Whereabouts;
  readonly links: LinkStore;
  /** How often one actor may start, by whatever way. */
  readonly startRate: Rate;
  /** How often one person may make a link. */
  readonly linkRate: Rate;
  /** How often a use of one link that is refused gets a row. */
  readonly refusedLinkRate: Rate;
  /** How often the app is asked anew about one person who lacks a right by what is remembered of them. */
  readonly askAgainRate: Rate;
  readonly identity: IdentityProvider;
  readonly directory: Directory;
  readonly delegation: Delegation;
  readonly canary: Canary;
  readonly subjectCheck: SubjectCheck;
  readonly audit: AuditStore;
  /** Answers on their way to acting browsers, cut when their session ends. */
  readonly openAnswers: OpenAnswers;
  readonly underWay: UnderWay;
  /** For WebSockets, ordinary and acting, from the request for one to its end. */
  readonly webSocketPlaces: Places;
  /** Of requests to the market app. */
  readonly sender: Sender;
  /** Closes every connection to it, once nothing is under way. */
  readonly closeUpstream: () => Promise<void>;
  /** The time by which sessions live and end: never behind, even where the machine's own clock is set back. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether its level lets a line about each request through. */
  readonly logsRequests: boolean;
  readonly metrics: Metrics;
  readonly newId: () => string;
  /** Of this process: forms of one gateway are not believed by another, which then asks to stop first. */
  readonly proofKey: Buffer;
  readonly settleRules: SettleRules;
  /** Connections on which something could not be settled: nothing that follows on them is read. */
  readonly condemned: WeakSet<object>;
  readonly headerRules: HeaderRules;
  readonly bodyBudget: BodyBudget;
  /** What browsers call us, for a request with this (already accepted) Host. */
  readonly publicOrigin: (host: string) => string;
  readonly cookieName: string;
  /** What the browser loads of ours. */
  readonly browser: BrowserFiles;
  readonly buttons: readonly {
    readonly place: ButtonPlace;
    readonly shownOn: (path: SettledPath) => boolean;
  }[];
  /** Ends that happened while the record could not be written; the sweeper writes them as soon as it can. */
  readonly unrecordedEnds: WaitingEnds;
};
