/** Which names the site answers to: a request for any other was meant for somebody else, or forged. */
import type { Config } from './config/index.ts';

/** @param port the one really listened on. An entry `*.market.example` serves every name one level below. */
export function servesHost(
  config: Pick<Config, 'public_url' | 'hosts'>,
  port: number,
): (host: string) => boolean {
  const exact = new Set<string>();
  const below: string[] = [];
  if (config.public_url === undefined) {
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      exact.add(`${name}:${port}`);
      // Browsers leave the default port out.
      if (port === 80) exact.add(name);
    }
  } else {
    exact.add(new URL(config.public_url).host);
  }
  for (const host of config.hosts) {
    if (host.startsWith('*.')) below.push(host.slice(1).toLowerCase());
    else exact.add(host.toLowerCase());
  }
  return (host) =>
    exact.has(host) ||
    below.some((suffix) => host.endsWith(suffix) && !host.slice(0, -suffix.length).includes('.'));
}
