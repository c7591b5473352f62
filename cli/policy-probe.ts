/** `understudy policy probe`: asks an upstream, harmlessly, which other spellings it takes for the blocked routes. */
import { parseArgs } from 'node:util';
import { probe, type ProbeFinding, type ProbeReport } from '../policy/index.ts';
import { askUpstream } from './ask-upstream.ts';
import { readPolicyFile } from './read-policy-file.ts';
import { UsageError } from './usage-error.ts';

const OPTIONS = {
  policy: { type: 'string', default: 'policy.yaml' },
  upstream: { type: 'string' },
  known: { type: 'string', multiple: true },
} as const;

export async function policyProbe(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { upstream, known = [] } = values;
  if (upstream === undefined || !/^https?:\/\//.test(upstream) || !URL.canParse(upstream))
    throw new UsageError('name the app itself, not the gateway: --upstream http://127.0.0.1:8081');
  const astray = known.find((path) => !path.startsWith('/'));
  if (astray !== undefined) throw new UsageError(`--known wants a path such as /market, not "${astray}"`);
  const read = readPolicyFile(values.policy);
  if (read === null) return 1;
  const { policy } = read;
  const asking = askUpstream(new URL(upstream));
  try {
    const pages = [...new Set([...known, policy.settings.landOn])];
    const report = await probe(policy, pages, asking.ask);
    process.stdout.write(spell(report, upstream));
    return report.findings.some(({ severity }) => severity === 'leak') ? 1 : 0;
  } finally {
    asking.close();
  }
}

function spell(report: ProbeReport, upstream: string): string {
  const { findings, tried, takenForTheSame, lenientAbout, told, untold } = report;
  const leaks = findings.filter(({ severity }) => severity === 'leak');
  const unseen = findings.filter(({ severity }) => severity === 'unseen');
  const lines = [
    `Asked ${upstream} with OPTIONS, HEAD and GET only, and without any credential.`,
    `${tried} other spellings of ${told.length} routes tried; the app takes ${takenForTheSame} for the same${lenientAbout.length === 0 ? '.' : `: ${lenientAbout.join(', ')}.`}`,
  ];
  if (untold.length > 0)
    lines.push(
      told.length === 0
        ? `Nothing could be learnt: the app answers every blocked route as one that does not exist. Name pages that it shows without sign-in: --known /some/page`
        : `${untold.length} blocked routes answer these methods as if they did not exist; they were judged by how the app spells ${told[0] ?? ''}.`,
    );
  if (leaks.length > 0)
    lines.push(
      '',
      `${leaks.length} LEAKS: the app takes these for a blocked route, and the gateway would send them:`,
      ...leaks.map(line),
    );
  if (unseen.length > 0)
    lines.push(
      '',
      `${unseen.length} stopped only because no rule names them (otherwise: writes: block); name them in the rule that blocks the route:`,
      ...unseen.map(line),
    );
  if (findings.length === 0 && told.length > 0)
    lines.push(
      '',
      'Every spelling that the app takes for a blocked route is refused or blocked by the gateway.',
    );
  return `${lines.join('\n')}\n`;
}

function line({ rule, method, path, variant, seenOn, gateway }: ProbeFinding): string {
  return `  ${method} ${variant.target}  as ${path} (rule ${rule}; ${variant.kind}, seen on ${seenOn}); the gateway: ${gateway}`;
}
