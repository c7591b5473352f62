/** The `understudy` command: finds the subcommand, runs it, and turns what went wrong into one line and an exit code. */
import { ConfigurationError } from './configuration-error.ts';
import { UsageError } from './usage-error.ts';

const HELP = `understudy: an act-as gateway in front of a market app

  understudy serve [--config gateway.yaml]
  understudy policy check [policy.yaml] [--strict] [--accept WARNING,…]
  understudy policy test [policy.yaml]
  understudy policy explain METHOD PATH [--as ROLE] [--for ROLE] [--in MARKET] [--claim NAME] [--mode view]
                            [--assisted] [--header 'name: value'] [--body JSON] [--policy policy.yaml]
  understudy policy coverage [--record RECORD] [--openapi FILE] [--har FILE [--host NAME]] [--policy policy.yaml]
  understudy policy probe --upstream URL [--known /page] [--policy policy.yaml]
  understudy policy schema > policy.schema.json
  understudy config schema > gateway.schema.json
  understudy audit verify [RECORD] [--checkpoints FILE (--verifier TEXT | --keys FOLDER)]
  understudy audit export [RECORD] > events.csv
  understudy audit erase --person ID [--reason TEXT] [--by NAME] [RECORD]
  understudy audit prune --before DATE [--decisions-only] [--by NAME] [RECORD]
  understudy audit rotate [--by NAME] [data/audit.db]
  understudy keys rotate [--at-once] [--config gateway.yaml]
  understudy keys verifier [--config gateway.yaml]

A RECORD is a file, or postgres://role:password@host/database; where none is named it is AUDIT_URL, or else data/audit.db.

Exit codes: 0 fine, 1 something is wrong and has been named, 2 the command line is wrong, 78 the configuration is wrong.
`;

const [command, ...rest] = process.argv.slice(2);

try {
  process.exitCode = await run(command, rest);
} catch (error) {
  const isConfiguration = error instanceof ConfigurationError;
  const usage =
    error instanceof UsageError ||
    (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(isConfiguration ? `${message}\n` : `understudy: ${message}\n`);
  process.exitCode = isConfiguration ? 78 : usage ? 2 : 1;
}

/** Loads only what the command needs: a policy is checked in a fraction of the time that a gateway needs to start. */
async function run(name: string | undefined, args: string[]): Promise<number> {
  switch (name) {
    case 'serve':
      return (await import('./serve-command.ts')).serveCommand(args);
    case 'policy':
      return (await import('./policy-command.ts')).policyCommand(args);
    case 'config':
      return (await import('./config-command.ts')).configCommand(args);
    case 'audit':
      return (await import('./audit-command.ts')).auditCommand(args);
    case 'keys':
      return (await import('./keys-command.ts')).keysCommand(args);
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(HELP);
      return 0;
    default:
      throw new UsageError(`there is no command "${name}"; understudy --help lists them`);
  }
}
