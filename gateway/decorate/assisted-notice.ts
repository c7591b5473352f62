/** What a shopper sees while someone is in their seat: who, since when, until when, and what is paused. */
import { html } from 'ghtml';
import type { AssistedNotice } from './decoration.ts';

/** The times stand in the market's zone; the script writes them again in the reader's own. */
export function assistedNotice(notice: AssistedNotice): string {
  const time = (part: string, ms: number): string =>
    html`<time data-part="${part}" datetime="${new Date(ms).toISOString()}"
      >${clockTime(ms, notice.timezone)}</time
    >`;
  const who = html`<bdi data-part="helper">${notice.actorFirstName}</bdi>`;
  return html`<section class="bar assisted" aria-label="Someone is helping you" data-part="assisted">
    <p class="who"><strong>!${who} from your market is currently helping you.</strong></p>
    <p class="when">
      Started at !${time('started', notice.startedAt)}. Ends automatically at
      !${time('idle', notice.idleExpiresAt)} unless continued, at !${time('latest', notice.absoluteExpiresAt)}
      at the latest.
      <span data-part="paused" !${notice.paused ? '' : 'hidden'}
        >Until then you can browse, but your cart and checkout are paused.</span
      ><span data-part="open" !${notice.paused ? 'hidden' : ''}>Your cart and checkout are open to you.</span>
    </p>
  </section>`;
}

function clockTime(ms: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  })
    .format(ms)
    .replace(/\s/g, ' ');
}
