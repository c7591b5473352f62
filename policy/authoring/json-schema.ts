/** policy.yaml as JSON Schema (2020-12), from the very schema that checks it, so that editors complete and underline. */
import { z } from 'zod';
import { policySchema } from '../language/policy-schema.ts';

/** What an editor shows beside a key; the manual is the head of policy.yaml itself. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'properties.markets': 'The markets, by the id that the app knows them by.',
  'properties.act_as': 'Who may act as whom, for how long, and where a session begins.',
  'properties.reviewers': 'Who reads the record, and of which markets.',
  'properties.rules':
    'The strictest effect wins, never the first: block, then confirm, then audit, then allow.',
  'properties.otherwise': 'What happens to requests that no rule names.',
  'properties.tests': 'Questions to this policy and the answers expected; it does not load while one fails.',
  'properties.rules.items.properties.id': 'A name of its own, in lower-case words joined by -.',
  'properties.rules.items.properties.on':
    'METHOD /path. Methods are joined by |, ANY stands for all. :name and * stand for one segment, ** for any number.',
  'properties.rules.items.properties.effect':
    'block: never sent. confirm: the person is asked first. audit: recorded before it is sent. allow: sent. pause (while: assisted): the customer’s own request waits.',
  'properties.rules.items.properties.while':
    'acting: requests of the actor. assisted: the customer’s own requests meanwhile.',
  'properties.rules.items.properties.actors': 'Only about some of the actors.',
  'properties.rules.items.properties.action': 'The name in the record.',
  'properties.rules.items.properties.label':
    'Words for people, for the message that says why something is not available.',
  'properties.rules.items.properties.body_message':
    'What people are told whose request is permitted but for its body: a sentence or two in their own words.',
  'properties.rules.items.properties.websocket':
    'Permits WebSockets, on which the app alone may send messages (from_app), or the browser as well (both, with audit).',
};

export type JsonSchema = Readonly<Record<string, unknown>>;

export function policyJsonSchema(): JsonSchema {
  return jsonSchemaOf(policySchema, 'Understudy: policy.yaml', DESCRIPTIONS);
}

/** @param descriptions by place in the schema, its keys joined by dots */
export function jsonSchemaOf(
  schema: z.ZodType,
  title: string,
  descriptions: Readonly<Record<string, string>> = {},
): JsonSchema {
  const made: Record<string, unknown> = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema, path }) => {
      const description = descriptions[path.join('.')];
      if (description !== undefined) jsonSchema.description = description;
    },
  });
  return { title, ...made };
}
