/** Says in one line which port cannot be listened on, by its key in gateway.yaml and the variable that overrides it. */
import type { Config } from '../gateway/index.ts';

type Ports = { readonly [Key in 'listen' | 'private_listen']: Pick<Config[Key], 'port'> };

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be opened by this user',
};

/** Null where the error is about something else. */
export function portTrouble(error: unknown, { listen, private_listen: own }: Ports): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('port' in error)) return null;
  const why = WHY[String(error.code)];
  if (why === undefined) return null;
  if (error.port === own.port && own.port === listen.port)
    return `private_listen.port ${own.port} is the same as listen.port; set PRIVATE_PORT`;
  if (error.port === own.port) return `private_listen.port ${own.port} ${why}; set PRIVATE_PORT`;
  if (error.port === listen.port) return `listen.port ${listen.port} ${why}; set PORT`;
  return null;
}
