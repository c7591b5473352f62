/** Checks that the triggers and unique indexes that protect the record are there, do what they did, and are the only ones. */
import type { Finding } from '../record-problem.ts';
import { type Connection, rows } from './database.ts';
import { COMPUTED_COLUMNS } from './computed-columns.ts';
import { FIRST_TABLES } from './first-tables.ts';
import { MEETING_TABLES } from './meeting-tables.ts';
import { STRETCH_TABLES } from './stretch-tables.ts';

const TABLES = ['entries', 'people', 'origins', 'written', 'checkpoints', 'stretches', 'meetings'];
/** name, table, what it fires on (`pg_trigger.tgtype`), function. */
const TRIGGERS = [
  'checkpoints_no_change checkpoints 58 refuse_change',
  'checkpoints_true checkpoints 7 only_true',
  'entries_computed entries 7 computed',
  'entries_in_order entries 4 only_at_the_end',
  'entries_meet entries 4 note_meetings',
  'entries_no_change entries 50 refuse_change',
  'entries_only_pruned entries 11 only_pruned',
  'origins_no_delete origins 42 refuse_change',
  'origins_only_blanked origins 19 only_blanked',
  'people_no_delete people 42 refuse_change',
  'people_only_blanked people 19 only_blanked',
  'stretches_no_change stretches 58 refuse_change',
  'stretches_true stretches 7 only_as_the_chain_says',
  'written_no_delete written 42 refuse_change',
];
const UNIQUE = [
  'checkpoints_pkey',
  'entries_one_completion',
  'entries_one_end',
  'entries_one_start',
  'entries_pkey',
  'meetings_pkey',
  'origins_commitment_key',
  'people_commitment_key',
  'stretches_pkey',
  'written_once',
];

const FOUND_TRIGGERS = `SELECT t.tgname || ' ' || c.relname || ' ' || t.tgtype || ' ' || p.proname AS line,
    p.proname AS function, p.prosrc AS source, t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND p.pronamespace = c.relnamespace AS sound
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
    AND c.relname IN ('${TABLES.join("', '")}')`;
const FOUND_RULES = `SELECT rulename AS name FROM pg_rules
  WHERE schemaname = current_schema() AND tablename IN ('${TABLES.join("', '")}')`;
const FOUND_UNIQUE = `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE c.relnamespace = current_schema()::regnamespace AND i.indisunique AND i.indisvalid AND i.indisready`;

type FoundTrigger = {
  readonly line: string;
  readonly function: string;
  readonly source: string;
  readonly sound: boolean;
};

/** PostgreSQL keeps them letter for letter; one in another's place would be no less wrong than a new one. */
function sources(): ReadonlyMap<string, string> {
  const made = `${FIRST_TABLES}${STRETCH_TABLES}${COMPUTED_COLUMNS}${MEETING_TABLES}`.matchAll(
    /CREATE FUNCTION (\w+)\(\)[^$]*(\$\w+\$)(.*?)\2/gs,
  );
  return new Map(Array.from(made, ([, name = '', , source = '']) => [name, source]));
}

export async function checkSchema(connection: Connection): Promise<Finding | null> {
  const triggers = await rows<FoundTrigger>(connection, FOUND_TRIGGERS);
  const found = new Set(triggers.map(({ line }) => line));
  for (const line of TRIGGERS)
    if (!found.has(line)) return bad(`the trigger ${nameOf(line)} is gone or was changed`);
  const meant = sources();
  for (const { line, function: name, source, sound } of triggers) {
    if (!TRIGGERS.includes(line)) return bad(`the trigger ${nameOf(line)} was added`);
    if (!sound || meant.get(name) !== source) return bad(`the trigger ${nameOf(line)} was changed`);
  }
  const [rule] = await rows<{ name: string }>(connection, FOUND_RULES);
  if (rule) return bad(`the rule ${rule.name} was added`);
  const unique = new Set((await rows<{ name: string }>(connection, FOUND_UNIQUE)).map(({ name }) => name));
  const missing = UNIQUE.find((name) => !unique.has(name));
  return missing === undefined ? null : bad(`the index ${missing} is gone`);
}

const nameOf = (line: string): string => line.split(' ', 1)[0] ?? '';

function bad(detail: string): Finding {
  return { seq: 0, problem: 'schema_altered', detail };
}
