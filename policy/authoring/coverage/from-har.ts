/** Reads what a browser sent to one site from a HAR recording (its developer tools save one). */
import { z } from 'zod';
import type { SeenReading, SeenRequest } from './seen-request.ts';

const harSchema = z.looseObject({
  log: z.looseObject({
    entries: z.array(z.looseObject({ request: z.looseObject({ method: z.string(), url: z.string() }) })),
  }),
});

/** @param host only requests to this host and port; the host of the first request when null */
export function fromHar(source: string, text: string, host: string | null): SeenReading {
  const checked = harSchema.safeParse(parseJson(text));
  if (!checked.success)
    return { ok: false, message: `${source} is no HAR recording: it needs "log" with "entries"` };
  const sent = checked.data.log.entries.flatMap(({ request: { method, url } }) =>
    URL.canParse(url) ? [{ method: method.toUpperCase(), url: new URL(url) }] : [],
  );
  const site = host ?? sent[0]?.url.host ?? '';
  const own = sent.filter(({ url }) => url.host === site);
  const seen: SeenRequest[] = own.map(({ method, url }) => ({
    method,
    path: url.pathname,
    described: false,
    times: 1,
    source,
  }));
  const others = new Set(sent.map(({ url }) => url.host).filter((each) => each !== site));
  const leftOut =
    others.size === 0
      ? null
      : `${source}: only what was sent to ${site} counts; left out ${[...others].slice(0, 5).join(', ')}${others.size > 5 ? ` and ${others.size - 5} more` : ''}`;
  return { ok: true, seen, leftOut };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return null;
  }
}
