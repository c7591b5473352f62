/** Decides whether an answer is a page to decorate, and if so gives its new head and the streams its body goes through. */
import type { Duplex } from 'node:stream';
import { isForCaches } from '../cache-headers.ts';
import { BROWSER_FOLDER } from './browser-files.ts';
import { admitDecoration, type PolicyNeeds } from './content-security-policy.ts';
import { codingStreams } from './content-coding.ts';
import type { Decoration } from './decoration.ts';
import { decorationHtml, type DecorationContext } from './decoration-html.ts';
import { insertIntoBody } from './insert-into-body.ts';
import { pageCoding, type AnswerHead, type HeaderPair } from './page-head.ts';

export type DecorationPlan = {
  readonly headers: readonly HeaderPair[];
  /** In order; the answer's bytes go through all of them. An `error` of one means the answer must be cut off. */
  readonly transforms: readonly [Duplex, ...Duplex[]];
};

/** True of the bytes as the upstream sent them, which those of a page with someone's name in it are not. */
const NO_LONGER_TRUE = new Set(
  'content-length etag last-modified accept-ranges content-md5 digest content-digest repr-digest want-digest'.split(
    ' ',
  ),
);
const POLICIES = new Set(['content-security-policy', 'content-security-policy-report-only']);

/**
 * Null when there is nothing to add or the answer is no page that could be added to; the answer is then delivered as
 * it is. Call it once for each answer: the streams are made here.
 *
 * @param onMissed called when a page turned out, while it streamed, to have no place for the decoration
 */
export function planDecoration(
  head: AnswerHead,
  decorations: readonly Decoration[],
  context: DecorationContext,
  onMissed: () => void = () => {},
): DecorationPlan | null {
  if (decorations.length === 0) return null;
  const coding = pageCoding(head);
  if (coding === null) return null;

  const needs: PolicyNeeds = {
    origin: context.origin,
    nonce: context.nonce,
    scripts: `${context.origin}${BROWSER_FOLDER}`,
    requests: `${context.origin}/_act-as/`,
    forms: `${context.origin}/_act-as/`,
  };
  const { decode, encode } = codingStreams(coding);
  const insert = insertIntoBody({
    html: decorationHtml(decorations, context),
    rewriteMetaPolicy: (policy) => admitDecoration(policy, needs),
    onMissed,
  });
  const [first = insert, ...rest] = [...decode, insert, ...encode];
  return { headers: decoratedHeaders(head.headers, needs), transforms: [first, ...rest] };
}

function decoratedHeaders(headers: readonly HeaderPair[], needs: PolicyNeeds): readonly HeaderPair[] {
  const kept = headers
    .filter(([name]) => !NO_LONGER_TRUE.has(name.toLowerCase()) && !isForCaches(name.toLowerCase()))
    // A policy that only reports is treated alike, so that the site's reports don't fill with our own elements.
    .map(([name, value]): HeaderPair =>
      POLICIES.has(name.toLowerCase()) ? [name, admitDecoration(value, needs)] : [name, value],
    );
  return [...kept, ['cache-control', 'no-store']];
}
