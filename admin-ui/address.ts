/** Where the audit pages live, and how filters stand in their addresses. */

export const AUDIT_PATH = '/admin/impersonation-audit';
export const POLICY_PATH = `${AUDIT_PATH}/policy`;

export const ORDERS_PATH = `${AUDIT_PATH}/orders`;

export const FILTER_FIELDS = ['from', 'to', 'event', 'outcome', 'manager', 'customer', 'market'] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];

/** The filters as text, exactly as a reviewer typed them; empty text restricts nothing. */
export type FilterForm = Readonly<Record<FilterField, string>>;

export function formOf(text: (field: FilterField) => string): FilterForm {
  return {
    from: text('from'),
    to: text('to'),
    event: text('event'),
    outcome: text('outcome'),
    manager: text('manager'),
    customer: text('customer'),
    market: text('market'),
  };
}

export const EMPTY_FORM: FilterForm = formOf(() => '');

/** An address of ours with the filled-in filters, and what else is given, in its query. */
export function auditAddress(
  path: '' | '/events.json' | '/newer.json' | '/export.csv',
  form: FilterForm,
  also: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams();
  for (const field of FILTER_FIELDS) if (form[field] !== '') query.set(field, form[field]);
  for (const [name, value] of Object.entries(also)) if (value !== '') query.set(name, value);
  const text = query.toString();
  return AUDIT_PATH + path + (text === '' ? '' : `?${text}`);
}

export function sessionAddress(sessionId: string): string {
  return `${AUDIT_PATH}/sessions/${encodeURIComponent(sessionId)}`;
}
