/** Reads the routes of an API from its OpenAPI description (3.x, or 2.0), written in JSON or YAML. */
import { parse } from 'yaml';
import { z } from 'zod';
import type { SeenReading, SeenRequest } from './seen-request.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const serversSchema = z.array(z.looseObject({ url: z.string() })).optional();
const pathSchema = z.looseObject({ servers: serversSchema });
const openApiSchema = z.looseObject({
  openapi: z.string().optional(),
  swagger: z.string().optional(),
  basePath: z.string().optional(),
  servers: serversSchema,
  paths: z.record(z.string(), pathSchema.nullable()),
});

export function fromOpenApi(source: string, text: string): SeenReading {
  const read = readAnything(text);
  if (!read.ok) return { ok: false, message: `${source} is neither JSON nor YAML: ${read.message}` };
  const checked = openApiSchema.safeParse(read.value);
  if (!checked.success || (checked.data.openapi ?? checked.data.swagger) === undefined)
    return {
      ok: false,
      message: `${source} is no OpenAPI description: it needs "openapi" with a version, and "paths"`,
    };
  const { servers, basePath, paths } = checked.data;
  const base = basePath ?? pathOf(servers?.[0]?.url);
  const seen: SeenRequest[] = [];
  for (const [path, operations] of Object.entries(paths))
    for (const method of METHODS)
      if (operations?.[method] !== undefined)
        seen.push({
          method: method.toUpperCase(),
          path: joined(operations.servers === undefined ? base : pathOf(operations.servers[0]?.url), path),
          described: true,
          times: 1,
          source,
        });
  return { ok: true, seen, leftOut: null };
}

/** `{id}` becomes `:id`; a segment that holds a parameter among other text is a parameter as a whole. */
function joined(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`.replaceAll(
    /\/[^/{]*\{([^/}]*)\}[^/]*/g,
    (_, name: string) => `/:${name.replaceAll(/\W/g, '_').replace(/^(?=\d|$)/, 'p')}`,
  );
}

/** A server's address may be whole, a path, or a template with variables. */
function pathOf(url: string | undefined): string {
  if (url === undefined) return '';
  return /^(?:[a-z]+:)?\/\/[^/]*(\/[^?#]*)?/i.exec(url)?.[1] ?? (url.startsWith('/') ? url : '');
}

function readAnything(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    // YAML holds JSON, too.
    return { ok: true, value: parse(text, { maxAliasCount: 1000 }) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '' };
  }
}
