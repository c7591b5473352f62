/** Configuration: read once, checked whole, frozen. */
export { readEnvironment } from './environment.ts';
export { loadConfig, type Config, type LoadedConfig } from './load.ts';
export { gatewaySchema, type GatewayFile } from './schema.ts';
export { gatewayJsonSchema } from './json-schema.ts';
