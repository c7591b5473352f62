/** Days and times as people read them, in a stated time zone, with the exact instant kept alongside. */
import { html } from 'ghtml';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${timeZone}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', { ...options, timeZone });
  formats.set(key, made);
  return made;
}

/** The local calendar day, `2026-04-18`. */
export function dayOf(at: number, zone: string): string {
  const parts = format('day', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

/** Whether the text is a day of the calendar, written `2026-04-18`; February 30 is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** `Saturday, April 18, 2026` */
export function longDay(at: number, zone: string): string {
  return format('long day', zone, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }).format(
    at,
  );
}

/** `10:03:22 AM EDT` */
export function timeOfDay(at: number, zone: string): string {
  return format('time', zone, {
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}

/** `Apr 18, 2026, 10:03:22 AM EDT` */
export function dayAndTime(at: number, zone: string): string {
  return format('both', zone, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}

/** `less than a minute`, `12 minutes`, `1 hour 5 minutes` */
export function duration(milliseconds: number): string {
  const minutes = Math.floor(Math.max(0, milliseconds) / 60_000);
  if (minutes === 0) return 'less than a minute';
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return count(minutes, 'minute');
  return count(hours, 'hour') + (minutes % 60 === 0 ? '' : ` ${count(minutes % 60, 'minute')}`);
}

/** A `<time>` element; HTML. */
export function timeTag(at: number, words: string): string {
  const exact = new Date(at).toISOString();
  return html`<time datetime="${exact}" title="${exact}">${words}</time>`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
