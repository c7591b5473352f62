/**
 * Finds every GraphQL operation that a request could make a server run, wherever it may look for one: in the query, as
 * JSON, alone or in a batch, as a form, by multipart `operations`, as bare text, or by the hash of a persisted query.
 */
import { createHash } from 'node:crypto';
import { decodeStrictly } from '../body/parse-body.ts';
import type { ParsedBody } from '../body/parsed-body.ts';
import { readStrictJson } from '../body/strict-json.ts';
import type { QueryParameter } from '../query/parameters.ts';
import { rootFieldsOf, type RootField } from './root-fields.ts';

/** What one decision is made about: a field at the root of an operation, or a persisted query nobody can look into. */
export type GraphqlUnit = RootField | { readonly type: 'persisted'; readonly field: string };

export type Operations =
  /** The request brings no operation along: a page, a preflight. */
  | { readonly kind: 'none' }
  | { readonly kind: 'units'; readonly units: readonly GraphqlUnit[] }
  | { readonly kind: 'unread'; readonly why: string };

const MOST_IN_BATCH = 20;
/** Under which clients name a persisted query, beside the extension of Apollo. */
const NAMES_OF_PERSISTED = ['documentId', 'id', 'queryId', 'doc_id', 'hash', 'sha256Hash', 'query_hash'];
const SPELT = new Set(['query', 'operationName', 'variables', 'extensions', ...NAMES_OF_PERSISTED]);
const TELLING = new Set([...SPELT].map((name) => name.toLowerCase()));

type Source = Readonly<Record<string, unknown>>;

class Unread extends Error {}

/** @param parameters null where the query of the URL cannot be read */
export function operationsOf(
  parameters: readonly QueryParameter[] | null,
  body: ParsedBody | null,
): Operations {
  try {
    const units = new Map<string, GraphqlUnit>();
    for (const source of [...inQuery(parameters), ...inBody(body)])
      for (const unit of unitsOf(source)) units.set(`${unit.type} ${unit.field}`, unit);
    return units.size === 0 ? { kind: 'none' } : { kind: 'units', units: [...units.values()] };
  } catch (error) {
    if (error instanceof Unread) return { kind: 'unread', why: error.message };
    throw error;
  }
}

function inQuery(parameters: readonly QueryParameter[] | null): readonly Source[] {
  if (parameters === null) throw new Unread('the query of the address cannot be read');
  if (parameters.some(({ folded }) => folded === 'operations'))
    throw new Unread('operations are named in the address');
  const telling = parameters.filter(({ folded }) => folded !== 'id' && TELLING.has(folded));
  if (telling.length === 0) return [];
  const names = telling.map(({ folded }) => folded);
  if (new Set(names).size < names.length) throw new Unread('a parameter of the address is repeated');
  return [
    Object.fromEntries(
      telling.map(({ name, value }) => [name, name === 'extensions' ? jsonIn(value) : value]),
    ),
  ];
}

function inBody(body: ParsedBody | null): readonly Source[] {
  if (body === null) throw new Unread('nobody read the body');
  switch (body.kind) {
    case 'none':
      return [];
    case 'json':
      return sourcesIn(body.value);
    case 'form':
      return inForm(body.fields);
    case 'opaque': {
      const text = body.type === 'application/graphql' ? decodeStrictly(body.bytes) : null;
      if (typeof text !== 'string') throw new Unread('the body is neither JSON nor a form');
      return [{ query: text }];
    }
    case 'unreadable':
      throw new Unread(`the body cannot be read (${body.fault})`);
  }
}

/** https://github.com/jaydenseric/graphql-multipart-request-spec, and the plain form that older servers take. */
function inForm(fields: Source): readonly Source[] {
  const { operations, map, ...others } = fields;
  const plain = Object.keys(others).some((name) => TELLING.has(name.toLowerCase()));
  if (operations === undefined) {
    const extensions = others['extensions'];
    return [typeof extensions === 'string' ? { ...others, extensions: jsonIn(extensions) } : others];
  }
  if (plain || typeof operations !== 'string') throw new Unread('the form holds operations twice');
  const places = map === undefined ? {} : jsonIn(map);
  // A file may be put into variables; anywhere else it would rewrite the operation after we read it.
  const fine = Object.values(isSource(places) ? places : { none: null }).every(
    (list) => Array.isArray(list) && list.every((place) => /^(?:\d+\.)?variables\./.test(String(place))),
  );
  if (!fine) throw new Unread('files are put elsewhere than into variables');
  return sourcesIn(jsonIn(operations));
}

function sourcesIn(value: unknown): readonly Source[] {
  const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (sources.length === 0 || sources.length > MOST_IN_BATCH)
    throw new Unread(`a batch holds 1 to ${MOST_IN_BATCH} operations`);
  return sources.map((source) => {
    if (!isSource(source)) throw new Unread('an operation is not an object');
    return source;
  });
}

function unitsOf(source: Source): readonly GraphqlUnit[] {
  for (const name of Object.keys(source)) {
    // Some readers take `Query` for `query`.
    if (!SPELT.has(name) && TELLING.has(name.toLowerCase()))
      throw new Unread(`"${name.toLowerCase()}" is spelt otherwise`);
  }
  const { query } = source;
  const hash = hashIn(source);
  if (query === undefined || query === null || query === '') {
    if (hash === null) throw new Unread('there is no operation in it');
    return [{ type: 'persisted', field: hash }];
  }
  if (typeof query !== 'string') throw new Unread('"query" is not a text');
  if (hash !== null && hash !== createHash('sha256').update(query).digest('hex'))
    throw new Unread('the hash is not that of the query');
  const read = rootFieldsOf(query);
  if (!read.ok) throw new Unread(read.why);
  return read.fields;
}

function hashIn(source: Source): string | null {
  const { extensions } = source;
  const persisted = isSource(extensions) ? extensions['persistedQuery'] : undefined;
  const found = NAMES_OF_PERSISTED.map((name) => source[name]);
  if (persisted !== undefined && persisted !== null)
    found.push(isSource(persisted) ? persisted['sha256Hash'] : persisted);
  const hashes = [...new Set(found.filter((one) => one !== undefined && one !== null))];
  const [hash] = hashes;
  if (hash === undefined) return null;
  if (hashes.length > 1 || typeof hash !== 'string')
    throw new Unread('a persisted query is named in two ways');
  return hash;
}

function jsonIn(text: unknown): unknown {
  const json = typeof text === 'string' ? readStrictJson(text) : null;
  if (json?.ok !== true) throw new Unread('a part that must be JSON is not');
  return json.value;
}

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
