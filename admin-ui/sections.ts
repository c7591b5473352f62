/** The pages that a reviewer goes to from anywhere, in the order of the top bar. */
import { AUDIT_PATH, POLICY_PATH } from './address.ts';

export type Section = { readonly name: string; readonly href: string; readonly current: boolean };

export function sectionsAt(current: 'log' | 'policy'): readonly Section[] {
  return [
    { name: 'Audit log', href: AUDIT_PATH, current: current === 'log' },
    { name: 'Policy', href: POLICY_PATH, current: current === 'policy' },
    { name: 'Back to the market', href: '/', current: false },
  ];
}
