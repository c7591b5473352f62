/** `npm run torture:policy`: a hundred thousand generated requests and a million targets, by seed; ends with 1 at a find. */
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { CAMPAIGNS } from './campaigns.ts';
import { anyTarget, randomFrom, wrongWith } from './targets.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    requests: { type: 'string', default: '100000' },
    targets: { type: 'string', default: '1000000' },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const finds = tortureTargets(Number(values.targets)) + (await tortureRouters(Number(values.requests)));
console.log(finds === 0 ? 'nothing found' : `${finds} found`);
process.exit(finds === 0 ? 0 : 1);

function tortureTargets(count: number): number {
  const random = randomFrom(seed);
  let found = 0;
  for (let index = 0; index < count; index += 1) {
    const target = anyTarget(random);
    const wrong = wrongWith(target);
    if (wrong === null) continue;
    found += 1;
    if (found <= 20) console.log(`  ${JSON.stringify(target)}: ${wrong}`);
  }
  console.log(`${count} targets settled, ${found} found`);
  return found;
}

async function tortureRouters(count: number): Promise<number> {
  let found = 0;
  for (const { name, ...campaign } of CAMPAIGNS) {
    const started = performance.now();
    const requests = Math.ceil(count / CAMPAIGNS.length);
    const report = await runCampaign({ ...campaign, seed, requests, directEvery: 50 });
    found += report.leaks.length;
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(
      `${name}: ${report.sent} requests in ${seconds} s, ${report.refused} refused, ${report.forwarded} forwarded, ` +
        `${report.ran} handlers ran, ${report.leaks.length} leaks; of ${report.sentDirectly} sent directly ${report.harmful} did harm`,
    );
    for (const { sent, forwarded, ran } of report.leaks.slice(0, 20)) {
      const line = forwarded.split('\r\n', 1)[0];
      console.log(`  ${JSON.stringify(sent)}\n    went up as ${line} and ran ${ran.join(', ')}`);
    }
  }
  return found;
}
