export { startPrivateDaemon } from './private-daemon.ts';
export type { PrivateDaemon } from './private-daemon.ts';
export { scriptDerivation } from './script-derivation.ts';
export type { Script } from './script-derivation.ts';
