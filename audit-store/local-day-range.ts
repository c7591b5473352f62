/** When a calendar day begins and ends in a time zone, in UTC; also where days have 23 or 25 hours or no midnight. */
import { DateTime, IANAZone } from 'luxon';

export type LocalDayRange =
  /** Milliseconds since the epoch: from inclusive, before exclusive. */
  | { readonly ok: true; readonly from: number; readonly before: number }
  | { readonly ok: false; readonly reason: 'invalid_date' | 'invalid_timezone' };

const HOUR = 3_600_000;

/** @param day `YYYY-MM-DD` @param timezone IANA name */
export function localDayRange(day: string, timezone: string): LocalDayRange {
  if (!IANAZone.isValidZone(timezone)) return { ok: false, reason: 'invalid_timezone' };
  const date = /^\d{4}-\d\d-\d\d$/.test(day) ? DateTime.fromISO(day, { zone: 'UTC' }) : null;
  if (!date?.isValid) return { ok: false, reason: 'invalid_date' };
  const from = firstInstant(date, timezone);
  const before = firstInstant(date.plus({ days: 1 }), timezone);
  // A day that a zone skipped altogether, such as 2011-12-30 in Samoa.
  return from < before ? { ok: true, from, before } : { ok: false, reason: 'invalid_date' };
}

/**
 * The first instant at which the zone's calendar shows the date or a later one, found by halving. Luxon's own
 * `startOf('day')` gives the second midnight where clocks go back over it (Havana, the Azores).
 */
function firstInstant(date: DateTime, timezone: string): number {
  const wanted = date.toFormat('yyyyMMdd');
  let early = date.toMillis() - 26 * HOUR;
  let late = date.toMillis() + 26 * HOUR;
  while (early < late) {
    const middle = Math.floor((early + late) / 2);
    if (DateTime.fromMillis(middle, { zone: timezone }).toFormat('yyyyMMdd') >= wanted) late = middle;
    else early = middle + 1;
  }
  return late;
}
