/** Whether the page itself shows a sentence: a script of its own may have read it out of the answer. */
import { plainDocument } from './plain-document.js';

/** What a script that reads the answer needs to write it into its page. */
const WRITTEN_WITHIN_MS = 300;

/** @param {string} sentence empty for one nobody knows @returns {Promise<boolean>} after a moment; nothing of ours counts */
export async function readableSoon(sentence) {
  if (sentence === '') return false;
  await new Promise((resolve) => setTimeout(resolve, WRITTEN_WITHIN_MS));
  return inOneLine(plainDocument.body.innerText).includes(inOneLine(sentence));
}

function inOneLine(/** @type {string} */ text) {
  return text.replace(/\s+/g, ' ').trim();
}
