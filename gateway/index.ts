/** The public face of the gateway: configure it, start it, and what pages of ours need of it. */
export {
  gatewayJsonSchema,
  loadConfig,
  readEnvironment,
  type Config,
  type LoadedConfig,
} from './config/index.ts';
export {
  KeysUnusableError,
  openCheckpointKey,
  openKeyRing,
  readCheckpointKey,
  rotateKeys,
  type KeyRing,
} from './delegation/index.ts';
export { createLog } from './log.ts';
export type { Clock, Parts } from './parts.ts';
export {
  createMemorySessionStore,
  openSessionStore,
  rotateSealKey,
  SessionsUnavailableError,
  type ActAsSession,
  type SessionStore,
} from './sessions/index.ts';
export { startGateway, type Gateway } from './start.ts';
export type { GatewayDeps } from './assemble-parts.ts';
export { createPolicyInForce, type InForce, type PolicyInForce } from './policy-in-force.ts';
export type { OwnPages } from './routes/own-app.ts';
export { currentUser } from './acting/start-session.ts';
export { credential, sendRefusal } from './routes/own-request.ts';
export { refusal, type Refusal, type RefusalCode } from './refusal.ts';
