/** Makes room in a page's Content-Security-Policy for what we insert, and for nothing else. */

/** What is inserted, and so what a policy has to let through. */
export type PolicyNeeds = {
  /** `https://market.example`: the page's own origin, which is ours too. */
  readonly origin: string;
  /** On our style and script elements. */
  readonly nonce: string;
  /** Absolute URLs; one that ends in a slash stands for everything below it. */
  readonly scripts: string;
  readonly requests: string;
  readonly forms: string;
};

type Directive = { readonly name: string; readonly sources: readonly string[]; readonly text: string };

/**
 * One `Content-Security-Policy` value, several policies joined by commas included, with the least added to each:
 * every source that stood there stands there still (`'none'` aside, which means nothing beside another source).
 * A nonce is never added where `'unsafe-inline'` is in force, because it would switch that off and with it the page's
 * own inline code (CSP Level 3, section 6.7.3.2). A directive that is missing and falls back to `default-src` is
 * written out as a copy of it with the addition.
 */
export function admitDecoration(value: string, needs: PolicyNeeds): string {
  return value
    .split(',')
    .map((policy) => (policy.trim() === '' ? policy : admitToPolicy(policy, needs)))
    .join(',');
}

function admitToPolicy(policy: string, needs: PolicyNeeds): string {
  const original = parse(policy);
  let directives = original;
  const admit = (names: readonly string[], addition: (sources: readonly string[]) => string | null): void => {
    const name = names.find((wanted) => directives.some((directive) => directive.name === wanted));
    const inForce = directives.find((directive) => directive.name === name);
    if (!inForce) return;
    const source = addition(inForce.sources);
    if (source === null) return;
    const kept = inForce.sources.filter((existing) => existing.toLowerCase() !== "'none'");
    // The fallback itself stays as it is: it speaks for other kinds of content too.
    const target = inForce.name === 'default-src' ? (names.at(-2) ?? inForce.name) : inForce.name;
    const written: Directive = {
      name: target,
      sources: [...kept, source],
      text: [target, ...kept, source].join(' '),
    };
    directives =
      target === inForce.name
        ? directives.map((directive) => (directive === inForce ? written : directive))
        : [...directives, written];
  };

  admit(['style-src-elem', 'style-src', 'default-src'], (sources) =>
    allowsInline(sources, 'style') ? null : `'nonce-${needs.nonce}'`,
  );
  admit(['script-src-elem', 'script-src', 'default-src'], (sources) => {
    if (!has(sources, "'strict-dynamic'") && allowsUrl(sources, needs.scripts, needs.origin)) return null;
    return allowsInline(sources, 'script') ? needs.scripts : `'nonce-${needs.nonce}'`;
  });
  admit(['connect-src', 'default-src'], (sources) =>
    allowsUrl(sources, needs.requests, needs.origin) ? null : needs.requests,
  );
  admit(['form-action'], (sources) => (allowsUrl(sources, needs.forms, needs.origin) ? null : needs.forms));

  return directives === original ? policy : directives.map((directive) => directive.text).join('; ');
}

/** Of directives with one name the first counts; the later ones are kept as text, nameless. */
function parse(policy: string): readonly Directive[] {
  const names = new Set<string>();
  return policy
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [name = '', ...sources] = text.split(/[\t\n\f\r ]+/);
      const counts = !names.has(name.toLowerCase());
      names.add(name.toLowerCase());
      return { name: counts ? name.toLowerCase() : '', sources, text };
    });
}

function has(sources: readonly string[], keyword: string): boolean {
  return sources.some((source) => source.toLowerCase() === keyword);
}

/** "Does a source list allow all inline behavior for type?", CSP Level 3, section 6.7.3.2. */
function allowsInline(sources: readonly string[], type: 'script' | 'style'): boolean {
  if (sources.some((source) => /^'(nonce-|sha(256|384|512)-)/i.test(source))) return false;
  if (type === 'script' && has(sources, "'strict-dynamic'")) return false;
  return has(sources, "'unsafe-inline'");
}

/** True only where it is plain to see; a needless addition does no harm, a missing one would. */
function allowsUrl(sources: readonly string[], url: string, origin: string): boolean {
  const scheme = new URL(origin).protocol;
  return sources.some((source) => {
    const text = source.toLowerCase();
    return (
      text === "'self'" ||
      text === '*' ||
      text === scheme ||
      text === origin ||
      text === `${origin}/` ||
      source === url
    );
  });
}
