/** Every `METHOD /path` that some real stack makes of a request: overrides of method and path, and spellings of a path. */

/** @param rawHeaders name and value in turn. @param body its bytes as latin1. */
export function readingsOf(
  method: string,
  target: string,
  rawHeaders: readonly string[],
  body: string,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const verb of methods(method, target, rawHeaders, body))
    for (const path of [target, ...overriddenTargets(rawHeaders)].flatMap(paths))
      found.add(`${verb} ${path}`);
  return found;
}

function methods(
  method: string,
  target: string,
  rawHeaders: readonly string[],
  body: string,
): readonly string[] {
  const wishes = [method];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    // CGI-like stacks see `_`, `.` and `-` as one.
    const name = (rawHeaders[index] ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
    if (/^(?:x-http-method(?:-override)?|x-method-override)$/.test(name))
      wishes.push(rawHeaders[index + 1] ?? '');
  }
  const texts = [target, body, ...body.split(/[\r\n]+/)];
  for (const text of texts) {
    for (const reading of decodings(text)) {
      for (const [, value = ''] of reading.matchAll(/(?:^|[?&;\s"])_method(?:\[\])?\s*["=:]+\s*"?([a-z]+)/gi))
        wishes.push(value);
      const part = /name="?_method(?:\[\])?"?[\r\n]+\s*([a-z]+)/i.exec(reading)?.[1];
      if (part !== undefined) wishes.push(part);
    }
  }
  return [...new Set(wishes.map((wish) => wish.trim().toUpperCase()))];
}

function overriddenTargets(rawHeaders: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
    if (/^x-(?:original|rewrite)-ur[il]$|^x-forwarded-(?:uri|path)$/.test(name))
      found.push(rawHeaders[index + 1] ?? '');
  }
  return found;
}

function paths(target: string): readonly string[] {
  const found = new Set<string>();
  for (const text of decodings(target)) {
    for (const cut of [text, text.replace(/[?#\0][^]*$/, '')]) {
      for (const local of [cut, cut.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]*/i, '')]) {
        const folded = local.replaceAll('\\', '/').normalize('NFKC').toLowerCase();
        for (const plain of [folded, folded.replaceAll(/;[^/]*/g, '')]) {
          const path = resolved(plain);
          found.add(path);
          found.add(path.replace(/(?<=[^/])\.[^./]*$/, ''));
        }
      }
    }
  }
  return [...found];
}

function resolved(path: string): string {
  const kept: string[] = [];
  for (const part of path
    .split('/')
    .map((text) => text.replace(/[.\s]+$/, (end) => (/^\.\.?$/.test(text) ? end : '')))) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part.replaceAll(/[\p{Cc}\u200b\u00ad]/gu, ''));
  }
  return `/${kept.join('/')}`;
}

function decodings(text: string): readonly string[] {
  const found = [text];
  for (let round = 0; round < 3; round += 1) {
    const last = found.at(-1) ?? '';
    const next = last
      .replaceAll(/%u00([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      // Overlong UTF-8, as lax decoders read it.
      .replaceAll(/%c0%([ab][0-9a-f])/gi, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16) & 0x3f),
      )
      .replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
        Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
      );
    if (next === last) break;
    found.push(next);
  }
  return found;
}
