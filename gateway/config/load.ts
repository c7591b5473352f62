/** Reads gateway.yaml, policy.yaml and the environment, checks them as a whole and reports every mistake at once. */
import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import {
  formatMistakes,
  loadPolicy,
  readCheckedYaml,
  type Mistake,
  type Policy,
} from '../../policy/index.ts';
import { redisSchema } from '../sessions/index.ts';
import { isOverrideHeader } from '../settle/override-name.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { gatewaySchema, type GatewayFile } from './schema.ts';

/** Everything that was configured, with the environment's word last and paths made absolute. */
export type Config = GatewayFile & {
  readonly trustedProxies: BlockList;
  readonly policyFile: string;
  /** Of the PostgreSQL that keeps the record, password and all; null when `audit.file` is it. */
  readonly auditUrl: string | null;
};

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly policy: Policy }
  | { readonly ok: false; readonly report: string };

/** @param file path of gateway.yaml; paths inside it are relative to it. */
export function loadConfig(file: string, variables?: NodeJS.ProcessEnv): LoadedConfig {
  const environment = readEnvironment(variables);
  const reports = environment.ok ? [] : environment.mistakes.map((mistake) => `environment: ${mistake}`);
  const text = readText(file);
  if (!text.ok) return { ok: false, report: [...reports, text.mistake].join('\n') };

  const gateway = readCheckedYaml(text.value, gatewaySchema);
  if (!gateway.ok) reports.push(formatMistakes(file, gateway.mistakes));
  const crossed = gateway.ok ? contradictions(gateway.value, gateway.positionOf) : [];
  if (crossed.length > 0) reports.push(formatMistakes(file, crossed));

  const policyFile = resolve(dirname(file), gateway.ok ? gateway.value.policy : './policy.yaml');
  const policyText = readText(policyFile);
  const policy = policyText.ok ? loadPolicy(policyText.value) : null;
  if (!policyText.ok) reports.push(policyText.mistake);
  if (policy !== null && !policy.ok) reports.push(formatMistakes(policyFile, policy.mistakes));

  if (reports.length > 0 || !gateway.ok || policy === null || !policy.ok || !environment.ok) {
    return { ok: false, report: reports.join('\n') };
  }
  const { PORT, HOST, PRIVATE_PORT, UPSTREAM_URL, LOG_LEVEL, AUDIT_URL } = environment.environment;
  const written = gateway.value;
  const config: Config = {
    ...written,
    listen: { host: HOST ?? written.listen.host, port: PORT ?? written.listen.port },
    private_listen: { ...written.private_listen, port: PRIVATE_PORT ?? written.private_listen.port },
    upstream: { ...written.upstream, url: new URL(UPSTREAM_URL ?? written.upstream.url).origin },
    keys: { folder: resolve(dirname(file), written.keys.folder) },
    sessions: placedSessions(written.sessions, environment.environment, dirname(file)),
    webhooks: written.webhooks.map((webhook) => ({
      ...webhook,
      secret_file: resolve(dirname(file), webhook.secret_file),
    })),
    audit: placedAudit(written.audit, dirname(file)),
    log: { ...written.log, level: LOG_LEVEL ?? written.log.level },
    trustedProxies: blockList(written.trusted_proxies),
    policyFile,
    auditUrl: AUDIT_URL ?? null,
  };
  return { ok: true, config: Object.freeze(config), policy: policy.policy };
}

/** The address of a Redis, wherever it stands, is what moves sessions there. */
function placedSessions(
  { redis }: GatewayFile['sessions'],
  { REDIS_URL: url, REDIS_SENTINEL_PASSWORD: password }: Environment,
  folder: string,
): GatewayFile['sessions'] {
  if (redis === undefined) return url === undefined ? {} : { redis: redisSchema.parse({ url }) };
  const { ca_file: caFile, sentinel, ...rest } = redis;
  return {
    redis: {
      ...rest,
      ...(url === undefined ? {} : { url }),
      ...(sentinel === undefined
        ? {}
        : { sentinel: { ...sentinel, ...(password === undefined ? {} : { password }) } }),
      ...(caFile === undefined ? {} : { ca_file: resolve(folder, caFile) }),
    },
  };
}

function placedAudit(written: GatewayFile['audit'], folder: string): GatewayFile['audit'] {
  const { file: copies, ...checkpoints } = written.checkpoints;
  return {
    file: resolve(folder, written.file),
    checkpoints: { ...checkpoints, ...(copies === undefined ? {} : { file: resolve(folder, copies) }) },
  };
}

function readText(file: string): { ok: true; value: string } | { ok: false; mistake: string } {
  try {
    return { ok: true, value: readFileSync(file, 'utf8') };
  } catch (error) {
    return {
      ok: false,
      mistake: `${file}: cannot be read (${error instanceof Error ? error.message : 'unknown error'})`,
    };
  }
}

type Place = readonly (string | number)[];

function contradictions(
  file: GatewayFile,
  positionOf: (path: Place) => { line: number; column: number },
): readonly Mistake[] {
  const found: Mistake[] = [];
  const at = (path: Place, message: string): void => {
    found.push({ ...positionOf(path), path: path.join('.'), message });
  };
  if (file.listen.port !== 0 && file.listen.port === file.private_listen.port) {
    at(['private_listen', 'port'], 'is the same as listen.port; health and metrics need a port of their own');
  }
  file.acting.headers.forEach((name, index) => {
    if (isOverrideHeader(name))
      at(
        ['acting', 'headers', index],
        `"${name}" would be read as another method; see settling.method_override`,
      );
  });
  file.trusted_proxies.forEach((range, index) => {
    if (parseRange(range) === null)
      at(['trusted_proxies', index], `"${range}" is not an IP address or CIDR range`);
  });
  return found;
}

function parseRange(range: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | null {
  const [address = '', bits, ...rest] = range.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return null;
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most) return null;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const parsed = parseRange(range);
    if (parsed !== null) list.addSubnet(parsed.address, parsed.prefix, parsed.family);
  }
  return list;
}
