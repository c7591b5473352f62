/** What a fault test saw, and the line that it is in docs/faults.md. */
import { join } from 'node:path';
import { z } from 'zod';

export const faultShape = z.strictObject({
  /** What failed: the heading it stands under. */
  part: z.enum(['The record', 'The gateway', 'The market app', 'Clients', 'Redis', 'PostgreSQL']),
  /** What was done to it, in a few words; names the row. */
  fault: z.string(),
  acting: z.string(),
  ordinary: z.string(),
  reviewing: z.string(),
  /** What the record says afterwards, and how things went on. */
  record: z.string(),
});
export type Fault = z.infer<typeof faultShape>;

export const FAULTS_PAGE = join(import.meta.dirname, '../../docs/faults.md');

export function rowOf({ fault, acting, ordinary, reviewing, record }: Fault): string {
  const cells = [fault, acting, ordinary, reviewing, record];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
