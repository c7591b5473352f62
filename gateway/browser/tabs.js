/** Tells the other tabs of this browser what happened in this one. */

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
  addEventListener('pagehide', () => {
    channel?.close();
    channel = null;
  });
  addEventListener('pageshow', open);
  open();
  return (news) => {
    const send = channel?.postMessage.bind(channel);
    send?.(news);
  };
}
