/** Carries out `amend`: writes the policy's text into the body of a request, whatever it is encoded as, before it is forwarded. */
import type { Amendments } from '../../policy/index.ts';
import type { RequestFault } from '../refusal.ts';
import { amendForm } from './amend-form.ts';
import { amendJson } from './amend-json.ts';

export type Amended =
  { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly fault: RequestFault };

export function amendsBody({ json, form }: Amendments): boolean {
  return Object.keys(json).length > 0 || Object.keys(form).length > 0;
}

/** Where a rule amends both, whichever the body is. Refuses what it cannot amend: an order without its note is none. */
export function amendBody(contentType: string | null, bytes: Buffer, { json, form }: Amendments): Amended {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const hasForm = Object.keys(form).length > 0;
  if (type === 'application/x-www-form-urlencoded' && hasForm) return amendForm(bytes, form);
  const hasJson = Object.keys(json).length > 0;
  if ((type === 'application/json' || type.endsWith('+json')) && hasJson) return amendJson(bytes, json);
  return { ok: false, fault: hasJson ? 'body_not_json' : 'body_not_form' };
}
