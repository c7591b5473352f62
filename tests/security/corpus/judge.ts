/** Says what is wrong with what came of a line of the corpus; nothing, if it went as the line expects. */
import type { Executed } from '../lenient-upstream.ts';
import type { RawAnswer } from '../raw-exchange.ts';
import type { CorpusLine } from './corpus-line.ts';
import type { CorpusSystem } from './corpus-system.ts';

/** The honest request that follows each line. */
export const HONEST = '/market/honest';

const BLOCKED_PATHS = [
  '/api/password',
  '/api/balance/funds',
  '/api/account/deactivate',
  '/api/preferences',
  '/api/cards/7',
];
const BLOCKED = ['POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) =>
  BLOCKED_PATHS.map((path) => `${method} ${path}`),
);
/** What the gateway asks for itself: who the actor still is. */
const OWN_QUESTION = /GET \/api\/(?:me|customers\/[\w-]+) HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n/g;
const HONEST_BYTES = /^GET \/market\/honest HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n$/;

/** Routes that the app may have executed in the subject's seat although they are blocked. */
export function leaksOf({ upstream }: CorpusSystem): readonly string[] {
  return [...BLOCKED, 'GET /logout'].flatMap((route) => upstream.leaks(route, 'u-sam'));
}

export function complaintsAbout(
  line: CorpusLine,
  answers: readonly RawAnswer[],
  wall: CorpusSystem,
): readonly string[] {
  const { status, forwarded, next = [] } = line.expect;
  const statuses = answers.map((answer) => answer.status);
  const others = wall.upstream.executed.filter(({ target }) => target !== HONEST);
  const sent = others.map((one) => one.line);
  const complaints = leaksOf(wall).map((leak) => `${leak} was executed`);
  [status, ...next].forEach((wanted, index) => {
    if (!wanted.includes(statuses[index] ?? 0)) complaints.push(`answers were ${statuses.join(', ')}`);
  });
  if (forwarded === false && !HONEST_BYTES.test(wall.tap.sent().replace(OWN_QUESTION, '')))
    complaints.push(`bytes went up: ${wall.tap.sent()}`);
  if (Array.isArray(forwarded) && sent.join('\n') !== forwarded.join('\n'))
    complaints.push(`went up: ${sent.join(', ')}`);
  if (forwarded === true && (statuses[0] ?? 400) < 400 && others.length !== 1)
    complaints.push(`went up: ${sent.join(', ')}`);
  return [...complaints, ...others.flatMap((one) => complaintsAboutSent(line, one))];
}

function complaintsAboutSent(line: CorpusLine, sent: Executed): readonly string[] {
  const { noOverride, dropped, seated, sentHeader, body } = line.expect;
  const meant = [...sent.readings]
    .map((reading) => reading.split(' ', 1)[0])
    .filter((method) => method !== sent.method);
  const checks: readonly (readonly [wrong: boolean, complaint: string])[] = [
    [noOverride === true && meant.length > 0, `some stack reads ${meant.join()}`],
    [dropped !== undefined && dropped in sent.headers, `${dropped} went up`],
    [seated === true && sent.as !== 'u-sam', `went up in the seat of ${sent.as}`],
    [
      seated === true && sent.headers['x-forwarded-for'] !== '127.0.0.1',
      'the address of the client is missing',
    ],
    [
      sentHeader !== undefined && sent.headers[sentHeader[0]] !== sentHeader[1],
      `${sentHeader?.[0]} did not go up`,
    ],
    [
      line.threat === 'honest' && body !== null && sent.body !== (body ?? bodyOf(line.raw)),
      `the body was ${sent.body}`,
    ],
  ];
  return checks.filter(([wrong]) => wrong).map(([, complaint]) => complaint);
}

function bodyOf(raw: string): string {
  return raw.slice(raw.indexOf('\r\n\r\n') + 4);
}
