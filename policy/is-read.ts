/** Whether a method is one that changes nothing (RFC 9110 section 9.2.1); what an app does with it is another matter. */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
