/** Decides what becomes of a wish to be read as another method: taken out, decided on as well, or refused. */
import { bodyOverride } from './body-override.ts';
import { isOverrideHeader } from './override-name.ts';
import type { Settled } from './settle.ts';
import type { Settling } from './settling-schema.ts';

export type OverrideRules = {
  readonly override: Settling['method_override'];
  readonly methods: ReadonlySet<string>;
};

/** The headers that `match` passes on. */
export const OVERRIDE_HEADERS = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

/** `means`: the method some app will read; null where it is the one that was sent. */
export type Meaning = { readonly ok: true; readonly means: string | null } | { readonly ok: false };
export type SettledMethod =
  { readonly ok: true; readonly means: string | null; readonly bytes: Buffer } | { readonly ok: false };

const AS_SENT: Meaning = { ok: true, means: null };

export function headerWishes(request: Settled): readonly string[] {
  const wishes: string[] = [];
  for (let index = 0; index < request.names.length; index += 2) {
    if (isOverrideHeader(request.names[index] ?? '')) wishes.push(request.rawHeaders[index + 1] ?? '');
  }
  return wishes;
}

/** What all wishes of a request come to; everything but one known method, wished for by a POST, is refused. */
export function meaningOf(sent: string, wishes: readonly string[], rules: OverrideRules): Meaning {
  if (wishes.length === 0 || rules.override === 'strip') return AS_SENT;
  const meant = new Set(wishes.map((wish) => wish.trim().toUpperCase()));
  const [method = ''] = meant;
  if (rules.override === 'refuse' || meant.size > 1 || !rules.methods.has(method)) return { ok: false };
  if (method === sent) return AS_SENT;
  // The frameworks that heed a wish heed it in a POST; who heeds it elsewhere is not to be guessed.
  return sent === 'POST' ? { ok: true, means: method } : { ok: false };
}

/** @param means what headers and query wish for already */
export function settleBodyMethod(
  request: Settled,
  contentType: string | null,
  bytes: Buffer,
  means: string | null,
  rules: OverrideRules,
): SettledMethod {
  const found = bodyOverride(contentType, bytes);
  switch (found.kind) {
    case 'none':
      return { ok: true, means, bytes };
    case 'uncertain':
      return { ok: false };
    case 'certain':
      break;
  }
  if (rules.override === 'strip') return { ok: true, means, bytes: found.without };
  const wishes = means === null ? found.wishes : [means, ...found.wishes];
  const meaning = meaningOf(request.method, wishes, rules);
  return meaning.ok ? { ...meaning, bytes } : meaning;
}
