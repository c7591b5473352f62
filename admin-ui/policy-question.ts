/** Reads the form "explain a request" from an address: the request as it was typed, and the policy's answer if there is one. */
import { z } from 'zod';
import { explain, type Explanation, made, type Policy } from '../policy/index.ts';

const text = (most: number) => z.string().max(most).catch('');

/** What was typed, in the words of the form. */
const formSchema = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).catch('PUT'),
  path: text(2000),
  as: text(100),
  for: text(100),
  market: text(100),
  claims: text(500),
  mode: z.enum(['full', 'view']).catch('full'),
  side: z.enum(['acting', 'assisted']).catch('acting'),
  headers: text(2000),
  body: text(4000),
});

export type QuestionForm = z.infer<typeof formSchema>;

export type Asked = {
  readonly form: QuestionForm;
  /** Null as long as nothing was asked, and where it could not be. */
  readonly answer: Explanation | null;
  /** What is wrong with the request, in a sentence. */
  readonly problem: string | null;
};

export function readQuestion(query: unknown, policy: Policy): Asked {
  const form = formSchema.parse(typeof query === 'object' && query !== null ? query : {});
  if (form.path === '') return { form, answer: null, problem: null };
  if (!form.path.startsWith('/'))
    return { form, answer: null, problem: 'A path begins with a slash, for instance /api/password.' };
  const headers = readHeaders(form.headers);
  if (headers === null)
    return {
      form,
      answer: null,
      problem: 'Write one header a line, for instance content-type: application/json.',
    };
  const [grant] = policy.settings.who;
  const market = form.market === '' ? {} : { market: form.market };
  const claims = Object.fromEntries(words(form.claims).map((claim) => [claim, true]));
  const answer = explain(policy, {
    side: form.side,
    method: form.method,
    target: form.path,
    mode: form.mode,
    actor: made('actor', rolesOf(form.as, grant?.actors), { ...market, claims }),
    subject: made('subject', rolesOf(form.for, grant?.subjects), market),
    headers,
    ...(form.body === '' ? {} : { body: form.body }),
  });
  return { form, answer, problem: null };
}

/** Those whom the first line of the policy is about, unless others are named. */
function rolesOf(typed: string, first: readonly string[] = []): readonly string[] {
  const typedRoles = words(typed);
  return typedRoles.length > 0 ? typedRoles : first.slice(0, 1);
}

function words(typed: string): readonly string[] {
  return typed.split(/[\s,]+/).filter((word) => word !== '');
}

function readHeaders(typed: string): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (const line of typed.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined) return null;
    headers[name.toLowerCase()] = value;
  }
  return headers;
}
