/** Tells the other tabs of this browser what happened in this one. */
import { listen } from './listeners.js';

/**
 * @typedef {{ type: 'started' } | { type: 'ended', session: string }} News
 * @param {(news: News) => void} onNews
 * @returns {(news: News) => void}
 */
export function connectTabs(onNews) {
  /** @type {BroadcastChannel | null} */
  let channel = null;
  const hear = (/** @type {MessageEvent<News>} */ { data }) => onNews(data);
  const open = () => {
    channel ??= new BroadcastChannel('act-as');
    channel.addEventListener('message', hear);
  };
  // An open channel would keep the page out of the back-forward cache, or throw it out at the first message.
  listen(window, 'pagehide', () => {
    channel?.close();
    channel = null;
  });
  listen(window, 'pageshow', open);
  open();
  return (news) => {
    const send = channel?.postMessage.bind(channel);
    send?.(news);
  };
}
