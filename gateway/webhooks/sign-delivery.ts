/** Signs one delivery as the Standard Webhooks specification 1.0 says: HMAC-SHA256 over id, time and body. */
import { createHmac } from 'node:crypto';

/** @param seconds since the epoch; receivers refuse what is old, so each attempt is signed anew. */
export function signDelivery(
  keys: readonly Buffer[],
  id: string,
  seconds: number,
  body: string,
): Readonly<Record<string, string>> {
  const signed = `${id}.${seconds}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
