/** The name under which the CSV is downloaded: `acting-as-customer-audit-YYYY-MM-DD.csv`. */
import { DateTime } from 'luxon';

/** The date as the calendar of the given IANA zone shows it. */
export function csvFileName(date: Date, timezone = 'UTC'): string {
  return `acting-as-customer-audit-${DateTime.fromJSDate(date, { zone: timezone }).toFormat('yyyy-MM-dd')}.csv`;
}
