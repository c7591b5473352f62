/** The gateway's log: one JSON line each on standard output, and never a credential in it. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { lineSink } from './line-sink.ts';

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

/** Without a destination, standard output, which nobody waits for. */
export function createLog(
  level: string,
  destination: DestinationStream = lineSink({ fd: 1, dropped: linesDropped }),
): Logger {
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
  return pino(options, destination);
}

/** Stands where lines are missing because nobody read them in time. */
export function linesDropped(count: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, service: 'understudy', log_dropped: count, msg: 'lines of the log were dropped' })}\n`;
}
