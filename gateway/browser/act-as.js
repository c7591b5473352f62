/** What runs in the pages of the market: each part is a module of its own, here they are put together. */
import { keepAssistedNotice, clockTime } from './assisted.js';
import { placeButtons } from './act-as-buttons.js';
import { runCountdown } from './countdown.js';
import { createCover } from './cover.js';
import { action } from './dialog.js';
import { nameOf } from './element.js';
import { keepFrame, takeFrame } from './frame.js';
import { listen } from './listeners.js';
import { createLock } from './lock.js';
import { createOwnMenu } from './own-menu.js';
import { watchRefusals } from './refusals.js';
import { readableSoon } from './readable.js';
import { guardSignOut } from './sign-out.js';
import { createStartDialog } from './start-dialog.js';
import { watchStatus } from './status.js';
import { createStop } from './stop.js';
import { connectTabs } from './tabs.js';
import { createToast } from './toast.js';

const ACTING_EVERY_MS = 15_000;
const OTHERWISE_EVERY_MS = 30_000;
const LOCKED = '’s cart is locked: only you can change it now.';
const UNAVAILABLE =
  'That was not done: act-as sessions are unavailable at the moment. Please try again shortly.';
const UNLOCKED = '’s cart is unlocked and theirs again.';

const frame = takeFrame();
if (frame) run(frame);

function run(/** @type {import('./frame.js').Frame} */ page) {
  const { root, sheet, config } = page;
  const { origin, acting, buttons } = config;
  const session = acting?.sessionId ?? null;
  /** @type {import('./status.js').Status | null} */
  let latest = null;
  let ranOut = false;
  const toast = createToast(root);
  const cover = createCover(root, {
    subject: acting?.subjectName ?? null,
    atEnd: acting?.atEnd ?? '',
    // Asked once more first: meanwhile another session may have begun in another tab, and must not be stopped here.
    leave: () => void ask().then(() => (cover.shown() === 'ended' ? stop?.(false) : undefined)),
    retry: () => {
      cover.show('checking');
      void ask();
    },
  });
  keepFrame(page, () => cover.hideAgain());
  const announce = connectTabs((news) => {
    if (news.type === 'ended' && news.session === session) cover.show('ended');
    // From now on what is sent from here is sent in somebody's seat, whether or not it can be asked whose.
    if (news.type === 'started') cover.show('checking');
    void ask();
  });
  const showAssisted = keepAssistedNotice(root, toast);
  const stop =
    acting && createStop(root, { origin, session: acting.sessionId, returnTo: acting.returnTo, announce });
  if (acting && stop) createOwnMenu(root, { subject: acting.subjectName, atEnd: acting.atEnd, stop });
  const lock =
    acting &&
    createLock(root, origin, (locked) =>
      toast('status', nameOf(acting.subjectName), locked ? LOCKED : UNLOCKED),
    );
  const news = root.querySelector('[data-part=news]');
  if (news?.textContent) {
    toast('status', news.textContent);
    news.remove();
  }
  const askSignOut = acting && stop && guardSignOut(root, acting, origin, stop);
  const startActing =
    buttons && createStartDialog(root, origin, buttons, () => announce({ type: 'started' }));
  const allowButtons = buttons && startActing && placeButtons(sheet, buttons.places, startActing);

  const ask = watchStatus(origin, acting ? ACTING_EVERY_MS : OTHERWISE_EVERY_MS, (status) => {
    if (status === null) {
      if (cover.shown() === 'checking' || ranOut) cover.show('unknown');
      return;
    }
    latest = status;
    ranOut = false;
    const now = status.acting;
    if (now && now.session_id !== session) return cover.show('acting', now.subject.name);
    if (!now && session !== null) {
      const ended = status.ended?.session_id === session ? status.ended : null;
      return cover.show('ended', ended?.words, ended?.sign_in_again);
    }
    // An answer that was under way when the news of the end came.
    if (cover.shown() === 'ended') return;
    cover.lift();
    if (now?.lock) lock?.set(now.lock === 'locked');
    if (now) setClock?.({ idleLeftMs: now.idle_left_ms, absoluteLeftMs: now.absolute_left_ms });
    showAssisted(status.assisted);
    allowButtons?.(status.actor?.may_act === true);
  });

  const setClock =
    acting &&
    runCountdown(root, acting, () => {
      ranOut = true;
      void ask();
    });

  // A page kept by the browser is put away covered, so that it can't be seen before it was checked.
  listen(window, 'pagehide', ({ persisted }) => {
    if (persisted && !config.assisted) cover.show('checking');
  });
  listen(window, 'pageshow', ({ persisted }) => {
    if (persisted) void ask();
  });

  watchRefusals(origin, (code, words) => {
    if (code === 'session_ended') void ask();
    else if (code === 'confirm') askSignOut?.();
    else if (code === 'not_locked' && acting) {
      void offerLock(words, acting.subjectName);
    } else if (code === 'paused') void sayOnce(words, () => pausedWords(latest?.assisted ?? null));
    else if (code === 'blocked' && acting) {
      void sayOnce(words, (said) => [said || blockedWords(acting.subjectName)].flat());
    } else if (code === 'audit_unavailable' || code === 'sessions_unavailable') {
      void sayOnce(words, (said) => [said || UNAVAILABLE]);
    }
  });

  /**
   * Nobody reads the same twice: where the page itself shows the gateway's words, they are enough.
   * @param {Promise<string>} words
   * @param {(said: string) => (Node | string)[]} ours
   */
  async function sayOnce(words, ours) {
    if (!(await readableSoon(await words))) toast('alert', ...ours(await words));
  }

  /** Where the page shows why, the button alone is still worth having at hand. */
  async function offerLock(/** @type {Promise<string>} */ words, /** @type {string} */ subject) {
    const known = await readableSoon(await words);
    toast(
      known ? 'status' : 'alert',
      ...(known
        ? [nameOf(subject), '’s cart is not locked.']
        : ['Lock the cart of ', nameOf(subject), ' first; then nobody else changes it while you do.']),
      action(['Lock cart'], () => lock?.lock()),
    );
  }
}

/** Where the answer did not say it better. */
function blockedWords(/** @type {string} */ subject) {
  return ['This isn’t available while you are acting as ', nameOf(subject), '. The attempt was recorded.'];
}

/** @param {import('./status.js').AssistedNow | null} now */
function pausedWords(now) {
  if (!now)
    return [
      'Someone from your market is helping you right now, so your cart and checkout are paused until they step out.',
    ];
  const until = clockTime(new Date(now.idle_expires_at));
  return [
    nameOf(now.actor_first_name),
    ` from your market is helping you right now, so your cart and checkout are paused until ${until} or until they step out.`,
  ];
}
