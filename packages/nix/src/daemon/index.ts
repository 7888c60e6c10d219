export { daemonAddressFromEnvironment } from './address.ts';
export type { DaemonAddress } from './address.ts';
export { isSuccess } from './build-result.ts';
export type { BuildResult, BuildStatus } from './build-result.ts';
export type { AskOptions } from './channel.ts';
export { queryClosure } from './closure.ts';
export type { ClosureOptions, WalkPathInfos } from './closure.ts';
export { DaemonConnection } from './connection.ts';
export type {
  AddOptions,
  BuildDerivationOptions,
  CollectOptions,
  ConnectOptions,
} from './connection-options.ts';
export { DaemonError } from './daemon-error.ts';
export type { DaemonErrorKind, DaemonErrorOptions, WirePlace } from './daemon-error.ts';
export type { DerivedPath } from './derived-path.ts';
export type { Activity, DaemonEvent, EventListener } from './event.ts';
export type { Listener } from './listener.ts';
export type { ErrorReport } from './messages.ts';
export type { PathToAdd } from './multiple.ts';
export type { AddMethod, ImportOptions } from './operations/additions.ts';
export { operations } from './operations/catalogue.ts';
export type { OperationName } from './operations/catalogue.ts';
export type { BulkData, Operation } from './operations/operation.ts';
export type { BuildMode } from './operations/build.ts';
export type { UnkeyedPathInfo } from './operations/path-info.ts';
export type { GarbageAction, Root } from './operations/roots.ts';
export type { BuildOptions } from './operations/set-options.ts';
export type { Missing, SubstitutablePathInfo } from './operations/substitutes.ts';
export { DaemonPool } from './pool.ts';
export type { DaemonPoolOptions, PoolStatus, UseOptions } from './pool.ts';
export type { Protocol, ProtocolVersion } from './protocol.ts';
export type { Realisation, RealisationKey } from './realisation.ts';
export type { Data } from './upload.ts';
