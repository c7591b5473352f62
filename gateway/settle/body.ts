/** Reads the body of an acting write whole before anything is decided on it or sent: framing errors come first. */
import type { IncomingMessage } from 'node:http';
import type { RequestFault } from '../refusal.ts';
import { gather } from './gather.ts';

export type SettledBody =
  { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly fault: RequestFault };

/** Counts the bytes that all acting requests hold together, so that many at once cannot exhaust the machine. */
export type BodyBudget = { held: number; readonly limit: number };

/** Resolves once; after a fault the rest of the body is not read. The caller gives the bytes back to the budget. */
export function readBody(incoming: IncomingMessage, limit: number, budget: BodyBudget): Promise<SettledBody> {
  return new Promise((resolve) => {
    const gathered = gather();
    let size = 0;
    const settle = (result: SettledBody): void => {
      incoming
        .off('data', take)
        .off('end', end)
        .off('aborted', broken)
        .off('error', broken)
        .off('close', broken);
      if (!result.ok) {
        budget.held -= size;
        incoming.pause();
      }
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      budget.held += chunk.length;
      if (size > limit || budget.held > budget.limit) settle({ ok: false, fault: 'body_too_large' });
      else gathered.add(chunk);
    };
    const end = (): void => settle({ ok: true, bytes: gathered.bytes() });
    const broken = (): void => settle({ ok: false, fault: 'body_interrupted' });
    // The client may have left while the seat was looked up; of that nobody is told twice.
    if (incoming.destroyed) return broken();
    incoming
      .on('data', take)
      .once('end', end)
      .once('aborted', broken)
      .once('error', broken)
      .once('close', broken);
  });
}

const MULTIPART_OVERRIDE = /name\s*=\s*"?_method(?:\[\])?"?/i;

/** True where the body itself asks to be read as another method (Laravel, Rails, Symfony and others look there). */
export function overridesMethod(contentType: string | null, bytes: Buffer): boolean {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'multipart/form-data') return MULTIPART_OVERRIDE.test(bytes.toString('latin1'));
  if (type === 'application/json' || type.endsWith('+json')) return jsonOverride(bytes);
  // Whatever claims to be something else may still be parsed as a form by a lenient app.
  if (bytes.length > 65_536 && type !== 'application/x-www-form-urlencoded') return false;
  const form = new URLSearchParams(bytes.toString('latin1').replaceAll(';', '&'));
  return [...form.keys()].some((key) => /^\s*_method(?:\[\])?\s*$/i.test(key));
}

function jsonOverride(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && '_method' in value;
  } catch {
    return false;
  }
}
