/** Notices what the gateway refused to the page's own scripts, without touching their `fetch`. */

/** One refusal may be noticed in both ways, one right after the other. */
const SAME_WITHIN_MS = 2_000;

/**
 * Every refusal carries `Server-Timing: act-as;desc="<code>"`, which the browser reports once the answer was read to
 * its end, and a readable cookie `act_as_refused=<code>.<anything>`, which it reports at once, even where a script
 * looks at the status and leaves the rest unread.
 * @param {string} origin
 * @param {(code: string) => void} onRefused
 */
export function watchRefusals(origin, onRefused) {
  let last = { code: '', way: '', at: -Infinity };
  const tell = (/** @type {string} */ code, /** @type {'timing' | 'cookie'} */ way) => {
    const at = performance.now();
    const same = code === last.code && way !== last.way && at - last.at < SAME_WITHIN_MS;
    last = { code, way, at };
    if (!same) onRefused(code);
  };

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!(entry instanceof PerformanceResourceTiming) || entry.name.startsWith(`${origin}/_act-as/`))
        continue;
      const code = entry.serverTiming?.find(({ name }) => name === 'act-as')?.description;
      if (code) tell(code, 'timing');
    }
  }).observe({ type: 'resource', buffered: true });

  globalThis.cookieStore?.addEventListener('change', ({ changed }) => {
    for (const { name, value } of changed) {
      if (name === 'act_as_refused' && value) tell(value.split('.', 1)[0] ?? '', 'cookie');
    }
  });
}
