/** What of an answer tells one route from another: status, type, allowed methods, and the body without what changes by itself. */
import { createHash } from 'node:crypto';

export type ProbeAnswer = {
  readonly status: number;
  readonly contentType: string | null;
  readonly allow: string | null;
  readonly location: string | null;
  readonly body: string;
};

/** @param target what was asked for; error pages like to repeat it, which must not make each answer another */
export function fingerprint(answer: ProbeAnswer, target: string): string {
  const { status, contentType, allow, location } = answer;
  const allowed = (allow ?? '')
    .toUpperCase()
    .split(/[\s,]+/)
    .toSorted()
    .join();
  const body = createHash('sha256').update(steady(answer.body, target)).digest('base64').slice(0, 12);
  return [status, contentType?.split(';')[0] ?? '', allowed, steady(location ?? '', target), body].join('|');
}

function steady(text: string, target: string): string {
  let kept = text;
  for (const spelling of spellings(target)) kept = kept.replaceAll(spelling, '');
  // Request ids, times, anti-forgery tokens.
  return kept.replaceAll(/[A-Za-z0-9_-]{16,}/g, '#').replaceAll(/\d+/g, '#');
}

function spellings(target: string): readonly string[] {
  const found = new Set([target]);
  try {
    found.add(decodeURIComponent(target));
  } catch {
    // It is not sent decoded then.
  }
  for (const each of Array.from(found)) {
    found.add(JSON.stringify(each).slice(1, -1));
    found.add(each.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('=', '&#61;'));
    found.add(each.replaceAll('\\', '/'));
    found.add(encodeURIComponent(each));
  }
  return [...found].filter((each) => each.length > 1).toSorted((a, b) => b.length - a.length);
}
