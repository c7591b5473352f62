/** The Lua scripts, each one atomic step; read once, when a store is opened. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ScriptName =
  | 'abandon'
  | 'acknowledge'
  | 'beat'
  | 'commit'
  | 'end'
  | 'facts'
  | 'find'
  | 'link'
  | 'live'
  | 'load-jar'
  | 'lose'
  | 'replace'
  | 'save-jar'
  | 'start'
  | 'sweep'
  | 'turn';
export type Script = { readonly text: string; readonly sha: string };
export type Scripts = Readonly<Record<ScriptName, Script>>;

/** A full Redis takes nothing new, whole or not at all; what lives on there can be touched and ended. */
const NEEDS_ROOM: ReadonlySet<ScriptName> = new Set(['start', 'save-jar', 'replace', 'link', 'turn']);

const read = (name: string): string => readFileSync(join(import.meta.dirname, 'lua', `${name}.lua`), 'utf8');

export function readScripts(): Scripts {
  const header = read('header');
  const script = (name: ScriptName): Script => {
    const flags = NEEDS_ROOM.has(name) ? '' : ' flags=allow-oom';
    const text = `#!lua${flags}\n${header}${read(name)}`;
    return { text, sha: createHash('sha1').update(text).digest('hex') };
  };
  return {
    abandon: script('abandon'),
    acknowledge: script('acknowledge'),
    beat: script('beat'),
    commit: script('commit'),
    end: script('end'),
    facts: script('facts'),
    find: script('find'),
    link: script('link'),
    live: script('live'),
    'load-jar': script('load-jar'),
    lose: script('lose'),
    replace: script('replace'),
    'save-jar': script('save-jar'),
    start: script('start'),
    sweep: script('sweep'),
    turn: script('turn'),
  };
}
