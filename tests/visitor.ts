/** A browser reduced to what a protocol test needs: cookies, an origin, and JSON. */

export type Visitor = {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** As a page's own script would: same origin, JSON. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** As a person who follows a link. */
  visit(path: string, headers?: Record<string, string>): Promise<Response>;
  signIn(email: string): Promise<void>;
  /** Starts acting; fails the test if that is refused. */
  actAs(subjectId: string, reason?: string): Promise<void>;
  stop(): Promise<Response>;
};

const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
};

export function visitor(url: string): Visitor {
  const cookies = new Map<string, string>();

  async function request(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) keep(line);
    return response;
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const name = pair.slice(0, pair.indexOf('=')).trim();
    const dead = attributes.some(
      (attribute) => /^\s*max-age=0\s*$/i.test(attribute) || /^\s*expires=thu, 01 jan 1970/i.test(attribute),
    );
    if (dead) cookies.delete(name);
    else cookies.set(name, pair.slice(pair.indexOf('=') + 1).trim());
  }

  const self: Visitor = {
    cookies,
    get: (path, headers = {}) => request('GET', path, { accept: 'application/json', ...headers }),
    visit: (path, headers = {}) => request('GET', path, { ...NAVIGATION, ...headers }),
    send(method, path, body, headers = {}) {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const all = {
        accept: 'application/json',
        origin: url,
        'sec-fetch-site': 'same-origin',
        ...json,
        ...headers,
      };
      return request(method, path, all, body === undefined ? undefined : JSON.stringify(body));
    },
    async signIn(email) {
      const response = await self.send('POST', '/api/login', { email, password: 'market' });
      if (response.status !== 200) throw new Error(`${email} could not sign in: ${response.status}`);
    },
    async actAs(subject, reason) {
      const response = await self.send('POST', '/_act-as/sessions', {
        subject,
        ...(reason === undefined ? {} : { reason }),
      });
      if (response.status !== 201)
        throw new Error(`acting was refused: ${response.status} ${await response.text()}`);
    },
    stop: () => self.send('POST', '/_act-as/stop'),
  };
  return self;
}
