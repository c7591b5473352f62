/** Notices what the gateway refused to the page's own scripts, without touching their `fetch`. */

/** Where only the cookie told of it: how long the words may take, which come when the answer was read to its end. */
const WORDS_WITHIN_MS = 400;
/** Of how many refusals it is known that they were noticed. */
const REMEMBERED = 50;

/**
 * Every refusal carries `Server-Timing: act-as;desc="<code>", act-as-request;desc="<id>", act-as-words;desc="<sentence,
 * percent-encoded>"`, which the browser reports once the answer was read to its end, and a readable cookie
 * `act_as_refused=<code>.<id>`, which it reports at once, even where a script looks at the status and leaves the rest
 * unread. One refusal is told of once.
 * @param {string} origin
 * @param {(code: string, words: Promise<string>) => void} onRefused words: what people should read; empty where the
 *   answer did not say
 */
export function watchRefusals(origin, onRefused) {
  /** Id of a request → what to do with its words. */
  const noticed = /** @type {Map<string, (words: string) => void>} */ (new Map());
  /** @param {string} code @param {string} id @param {string} [words] */
  const tell = (code, id, words) => {
    const known = noticed.get(id);
    if (known) return words === undefined ? undefined : known(words);
    onRefused(
      code,
      new Promise((resolve) => {
        noticed.set(id, resolve);
        if (words === undefined) setTimeout(resolve, WORDS_WITHIN_MS, '');
        else resolve(words);
      }),
    );
    for (const oldest of noticed.keys()) if (noticed.size > REMEMBERED) noticed.delete(oldest);
  };

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // Another site that lets its timing be read must not speak in our name.
      if (!(entry instanceof PerformanceResourceTiming) || !entry.name.startsWith(`${origin}/`)) continue;
      if (entry.name.startsWith(`${origin}/_act-as/`)) continue;
      // The name is what was asked for; what a redirect led to, of whichever site, is not known. There the cookie tells.
      if (entry.redirectStart > 0) continue;
      const said = (/** @type {string} */ metric) =>
        entry.serverTiming?.find(({ name }) => name === metric)?.description ?? '';
      const code = said('act-as');
      if (code) tell(code, said('act-as-request'), decoded(said('act-as-words')));
    }
  }).observe({ type: 'resource', buffered: true });

  globalThis.cookieStore?.addEventListener('change', ({ changed }) => {
    for (const { name, value } of changed) {
      if (name !== 'act_as_refused' || !value) continue;
      const [code = '', id = ''] = value.split('.', 2);
      tell(code, id);
    }
  });
}

/** The app itself may write that header as well, and anything into it. */
function decoded(/** @type {string} */ text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
