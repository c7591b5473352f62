/** Sends single requests to an app exactly as they are spelt, without cookies, credentials or redirects. */
import http from 'node:http';
import https from 'node:https';
import type { AskUpstream, ProbeAnswer } from '../policy/index.ts';

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 1_000_000;

export function askUpstream(origin: URL): { readonly ask: AskUpstream; readonly close: () => void } {
  const secure = origin.protocol === 'https:';
  const agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  const request = secure ? https.request : http.request;

  const ask: AskUpstream = (method, target) =>
    new Promise<ProbeAnswer>((resolve, reject) => {
      const sent = request(
        origin,
        { agent, method, path: target, headers: { accept: '*/*', 'user-agent': 'understudy policy probe' } },
        (answer) => {
          const chunks: Buffer[] = [];
          let size = 0;
          answer.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= MOST_BYTES) chunks.push(chunk);
          });
          answer.on('error', reject);
          answer.on('end', () => {
            const { headers, statusCode } = answer;
            resolve({
              status: statusCode ?? 0,
              contentType: headers['content-type'] ?? null,
              allow: headers.allow ?? null,
              location: headers.location ?? null,
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      sent.setTimeout(TIMEOUT_MS, () =>
        sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} seconds`)),
      );
      sent.on('error', (error) =>
        reject(
          new Error(`${origin.origin} cannot be asked (${method} ${target}): ${error.message}`, {
            cause: error,
          }),
        ),
      );
      sent.end();
    });
  return { ask, close: () => agent.destroy() };
}
