/** gateway.yaml as JSON Schema (2020-12), from the very schema that checks it, so that editors complete and underline. */
import { type JsonSchema, jsonSchemaOf } from '../../policy/index.ts';
import { gatewaySchema } from './schema.ts';

export function gatewayJsonSchema(): JsonSchema {
  return jsonSchemaOf(gatewaySchema, 'Understudy: gateway.yaml');
}
