/** A wish for another method in a JSON object: a member of the outermost object is certain, in what is not JSON nothing is. */
import { exactText } from '../../policy/index.ts';
import { mentionsOverride } from './mentions-override.ts';
import { isOverrideField } from './override-name.ts';
import { NO_OVERRIDE, UNCERTAIN, type BodyOverride } from './override-found.ts';

type Member = { readonly key: string; readonly text: string; readonly value: string };

export function jsonOverride(latin1: string): BodyOverride {
  if (!isJson(latin1)) return mentionsOverride(latin1) ? UNCERTAIN : NO_OVERRIDE;
  const members = membersOf(latin1);
  const wishes = members.filter(({ key }) => isOverrideField(key));
  if (wishes.length === 0) return NO_OVERRIDE;
  const kept = members.filter(({ key }) => !isOverrideField(key)).map(({ text }) => text);
  return {
    kind: 'certain',
    wishes: wishes.map(({ value }) => value),
    without: Buffer.from(`{${kept.join(',')}}`, 'latin1'),
  };
}

function isJson(latin1: string): boolean {
  try {
    JSON.parse(exactText(Buffer.from(latin1, 'latin1')));
    return true;
  } catch {
    return false;
  }
}

/** The members of the outermost object of valid JSON, each as it is written; none where that is something else. */
function membersOf(json: string): readonly Member[] {
  const text = json.trim();
  if (!text.startsWith('{')) return [];
  const members: Member[] = [];
  let depth = 0;
  let start = 1;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if ((character === ',' && depth === 1) || depth === 0) {
      const member = text.slice(start, at);
      if (member.trim() !== '') members.push(memberOf(member));
      start = at + 1;
    }
  }
  return members;
}

function memberOf(text: string): Member {
  const from = text.indexOf('"');
  const to = endOfString(text, from) + 1;
  const value: unknown = JSON.parse(text.slice(text.indexOf(':', to) + 1));
  return {
    key: String(JSON.parse(text.slice(from, to))),
    text,
    value: typeof value === 'string' ? value : '',
  };
}

/** @param from where its first quote stands */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
