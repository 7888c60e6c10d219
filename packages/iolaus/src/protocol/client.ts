import type { StoreDirectory, StorePath } from '@iolaus/nix';
import type { AttemptReport, StepUpdate } from './attempt-report.ts';
import type { MachineUuid } from './identity.ts';
import type { Join } from './join.ts';
import type { IncomingPaths, OutgoingLog, OutgoingPaths } from './store-transfer.ts';
import type { BuilderTunnel } from './tunnel.ts';

export type CallOptions = { readonly signal?: AbortSignal };

/** Which dialect the runner speaks, or what it said if it is none of ours. */
export type VersionAnswer =
  | { readonly type: 'compatible'; readonly version: string }
  | { readonly type: 'incompatible'; readonly runnerVersion: string };

/**
 * What a builder can ask of its runner, over one HTTP/2 connection that is dialled when it is needed and dialled
 * again after it broke. Every method rejects with `CallError` and nothing else, but for what a caller's own
 * iterables and functions throw. Nothing is tried again by itself.
 */
export interface RunnerClient extends AsyncDisposable {
  /** Offers our version, and once more the runner's own if that is one we speak. */
  checkVersion(
    builder: { readonly machine: MachineUuid; readonly hostname: string },
    options?: CallOptions,
  ): Promise<VersionAnswer>;
  openTunnel(join: Join, options?: CallOptions): BuilderTunnel;
  /** Resolves when the log is written. To be opened when the build starts: pieces are sent as they come. */
  sendLog(log: OutgoingLog, options?: CallOptions): Promise<void>;
  /** `BuildResult`: resolves when the runner has imported all of them. */
  sendPaths(paths: OutgoingPaths, options?: CallOptions): Promise<void>;
  updateStep(update: StepUpdate, options?: CallOptions): Promise<void>;
  /** Resolves when the report is recorded. */
  completeBuild(report: AttemptReport, options?: CallOptions): Promise<void>;
  /** The closure of the paths, themselves included, dependencies first. */
  fetchRequisites(
    paths: readonly StorePath[],
    options?: CallOptions,
  ): Promise<readonly StorePath[]>;
  hasPath(path: StorePath, options?: CallOptions): Promise<boolean>;
  /** Resolves when the header has come; read it on with `importEach`. */
  fetchPaths(paths: readonly StorePath[], options?: CallOptions): Promise<IncomingPaths>;
  /** Ends all calls and the connection. */
  close(): void;
}

export type RunnerClientOptions = {
  /** Sent as "Bearer …" with every call. */
  readonly token?: string;
  readonly storeDirectory: StoreDirectory;
};

/**
 * A client for the runner at `http://host:port`, `https://host:port` or `unix:///path`. Dials at the first call.
 * Throws `Fault` ('bad-configuration') for any other endpoint.
 */
export declare function connectRunner(endpoint: string, options: RunnerClientOptions): RunnerClient;
