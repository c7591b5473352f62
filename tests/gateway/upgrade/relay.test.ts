/** Two connections that are joined end together, also where one of them had gone before they were. */
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { relay } from '../../../gateway/upgrade/relay.ts';

test.each(['the app', 'the browser', 'both'])(
  'where %s had gone already, it is over for both',
  async (who) => {
    const [browser, atBrowser] = duplexPair();
    const [upstream, atApp] = duplexPair();
    for (const side of who === 'both' ? [browser, upstream] : [who === 'the app' ? upstream : browser]) {
      side.destroy();
      await once(side, 'close');
    }
    const joined = relay({ browser, upstream, stallMs: 0, fromBrowser: null, onFault: () => undefined });
    atBrowser.resume();
    atApp.resume();
    await joined.closing;
    await joined.over;
    expect([browser.destroyed, upstream.destroyed]).toEqual([true, true]);
  },
);
