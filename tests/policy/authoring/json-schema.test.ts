/** The schemas that editors read: current, and of one mind with the check about what may stand in the files. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { gatewayJsonSchema } from '../../../gateway/index.ts';
import { type JsonSchema, policyJsonSchema } from '../../../policy/index.ts';

const textOf = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

describe.each([
  ['policy', policyJsonSchema(), 'policy.yaml', 'understudy policy schema'],
  ['gateway', gatewayJsonSchema(), 'gateway.yaml', 'understudy config schema'],
] as const)('%s.schema.json', (name, schema, file, command) => {
  it(`is what ${command} prints`, () => {
    expect(textOf(`${name}.schema.json`)).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });

  it('is named on the first line of the file, where editors look', () => {
    expect(textOf(file).split('\n', 1)).toEqual([`# yaml-language-server: $schema=./${name}.schema.json`]);
  });

  it('finds nothing wrong with the file that ships', () => {
    expect(mistakesIn(schema, parse(textOf(file)))).toEqual([]);
  });
});

it('underlines what the check would refuse', () => {
  const shipped = textOf('policy.yaml');
  const schema = policyJsonSchema();
  for (const [right, wrong] of [
    ['effect: confirm', 'efect: confirm'],
    ['effect: confirm', 'effect: confirmed'],
    ['id: sign-out', 'id: Sign Out'],
    ['writes: block', 'writes: forbid'],
    ['expect: confirm', 'expect: ask'],
  ] as const)
    expect(mistakesIn(schema, parse(shipped.replace(right, wrong))), wrong).not.toEqual([]);
});

function mistakesIn(schema: JsonSchema, value: unknown): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  const validate = ajv.compile(schema);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
