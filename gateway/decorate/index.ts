/** Decorates pages of the market app: banner, notice and Act-as buttons. */
export type {
  ActAsButtons,
  ActingNotice,
  AssistedNotice,
  ButtonPlace,
  Decoration,
  RoutePattern,
} from './decoration.ts';
export type { DecorationContext } from './decoration-html.ts';
export type { AnswerHead, HeaderPair } from './page-head.ts';
export { BROWSER_FOLDER, readBrowserFiles, type BrowserFile, type BrowserFiles } from './browser-files.ts';
export { isPageRequest } from './page-request.ts';
export { planDecoration, type DecorationPlan } from './plan-decoration.ts';
