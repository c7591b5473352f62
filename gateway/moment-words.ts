/** A moment as people read it, in a market's own time: `Nov 21, 10:53 AM EST`. */

/** @param at milliseconds since the epoch @param timeZone IANA name */
export function momentWords(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}
