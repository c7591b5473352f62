/** Sets and clears the one cookie that a browser holds of ours. */
import type { FastifyReply } from 'fastify';
import type { Parts } from '../parts.ts';

/** What must not pass from one person's seat into the other's in the same browser. */
const CLEAR = '"cache", "storage"';

/** No Max-Age: a cookie that outlives its session stays a dead session, and does not quietly become the manager. */
export function seatBrowser(reply: FastifyReply, token: string, parts: Parts): void {
  void reply
    .header('set-cookie', `${parts.cookieName}=${token}; ${attributes(parts)}`)
    .header('clear-site-data', CLEAR);
}

export function unseatBrowser(reply: FastifyReply, parts: Parts): void {
  void reply
    .header('set-cookie', `${parts.cookieName}=; Max-Age=0; ${attributes(parts)}`)
    .header('clear-site-data', CLEAR);
}

function attributes(parts: Parts): string {
  const secure = parts.cookieName.startsWith('__Host-') ? '; Secure' : '';
  return `Path=/; HttpOnly; SameSite=Lax${secure}`;
}
