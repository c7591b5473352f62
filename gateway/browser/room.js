/** Nothing of the page stands behind the bar: the page starts below it, and its own fixed headers move down. */

/** Where along the bar to look for what it covers. */
const PROBES = [0.02, 0.25, 0.5, 0.75, 0.98];

/** @param {HTMLElement} host @param {ShadowRoot} root */
export function makeRoom(host, root) {
  const rule = new CSSStyleSheet();
  rule.replaceSync(
    'html{margin-top:var(--act-as-room)!important;scroll-padding-top:var(--act-as-room)}' +
      '@media print{html{margin-top:0!important}}',
  );
  /** @type {Map<HTMLElement, { top: string, priority: string, offset: number }>} */
  const moved = new Map();
  let height = -1;
  let scheduled = false;

  const measure = () => {
    const now = root.querySelector('.bar:not([hidden])') ? Math.ceil(host.getBoundingClientRect().height) : 0;
    if (now === height) return;
    height = now;
    document.documentElement.style.setProperty('--act-as-room', `${height}px`);
    if (!document.adoptedStyleSheets.includes(rule)) document.adoptedStyleSheets.push(rule);
    for (const [header, { top, priority, offset }] of moved) {
      if (height > 0) header.style.setProperty('top', `${offset + height}px`, 'important');
      else header.style.setProperty('top', top, priority);
    }
    if (height === 0) moved.clear();
    look();
  };

  const look = () => {
    scheduled = false;
    if (height <= 0) return;
    for (const header of coveredHeaders(host, height)) {
      if (moved.has(header)) continue;
      const offset = Number.parseFloat(getComputedStyle(header).top) || 0;
      moved.set(header, {
        top: header.style.getPropertyValue('top'),
        priority: header.style.getPropertyPriority('top'),
        offset,
      });
      header.style.setProperty('top', `${offset + height}px`, 'important');
    }
  };

  const lookSoon = () => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(look, 100);
  };

  measure();
  new ResizeObserver(measure).observe(host);
  new MutationObserver(lookSoon).observe(document.documentElement, { childList: true, subtree: true });
  for (const type of ['scroll', 'resize', 'load', 'click'])
    addEventListener(type, lookSoon, { passive: true });
}

/** The outermost fixed or stuck elements of the page that stand behind the bar. */
function coveredHeaders(/** @type {HTMLElement} */ host, /** @type {number} */ height) {
  /** @type {Set<HTMLElement>} */
  const found = new Set();
  for (const probe of PROBES) {
    for (const hit of document.elementsFromPoint(innerWidth * probe, height / 2)) {
      if (hit === host) continue;
      /** @type {HTMLElement | null} */
      let outermost = null;
      /** @type {Element | null} */
      let at = hit;
      for (; at && at !== document.body && at !== document.documentElement; at = at.parentElement) {
        if (!(at instanceof HTMLElement)) continue;
        const { position, top } = getComputedStyle(at);
        if ((position === 'fixed' || position === 'sticky') && Number.parseFloat(top) < height)
          outermost = at;
      }
      if (outermost && outermost !== host) found.add(outermost);
    }
  }
  return found;
}
