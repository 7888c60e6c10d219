export { findNewerNix } from './newer-nix.ts';
export type { NixPrograms } from './newer-nix.ts';
export { startPrivateDaemon } from './private-daemon.ts';
export type { PrivateDaemon, PrivateDaemonOptions } from './private-daemon.ts';
export { scriptDerivation } from './script-derivation.ts';
export type { Script } from './script-derivation.ts';
