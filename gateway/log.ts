/** The gateway's log: one JSON line each on standard output, and never a credential in it. */
import { pino, type DestinationStream, type Logger } from 'pino';

/** Fields that may carry a credential wherever they turn up; callers log chosen fields only, this is the second net. */
const SECRET = [
  'cookie',
  'set-cookie',
  'authorization',
  'proxy-authorization',
  'token',
  'password',
  'secret',
];

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'understudy' },
    redact: {
      paths: SECRET.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`]),
      censor: '[redacted]',
    },
    serializers: {
      // Errors of clients and drivers may carry whole requests; name, code and message are enough.
      err: (error: unknown) =>
        error instanceof Error
          ? {
              name: error.name,
              message: error.message,
              stack: error.stack,
              ...('code' in error ? { code: error.code } : {}),
            }
          : { message: String(error) },
    },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
