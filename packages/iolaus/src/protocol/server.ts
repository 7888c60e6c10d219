import type { StoreDirectory, StorePath } from '@iolaus/nix';
import type { AttemptReport, StepUpdate } from './attempt-report.ts';
import type { Join, JoinAnswer } from './join.ts';
import type { IncomingLog, IncomingPaths, OutgoingPaths } from './store-transfer.ts';
import type { RunnerTunnel, TunnelEnd } from './tunnel.ts';
import type { VersionCheck, VersionVerdict } from './version-check.ts';

/** Who calls; the token has been checked. */
export type Caller = {
  /** Address and port, or "unix". */
  readonly address: string;
};

/** A tunnel that the runner takes. */
export type AcceptedTunnel = {
  readonly accept: JoinAnswer;
  /** Called once, when the answer is queued. When it returns or throws, the tunnel is closed. */
  converse(tunnel: RunnerTunnel): Promise<void>;
  /** Called exactly once, whatever way the tunnel ends, and after `converse` has settled. */
  ended(end: TunnelEnd): void;
};

/**
 * What the runner does when a builder calls. What arrives has been checked for form: names are UUIDs, paths are store
 * paths. A handler that throws `CallError` chooses the status; anything else thrown is INTERNAL.
 */
export interface RunnerHandlers {
  /** Told of each check of versions, which is answered here already. */
  versionChecked?(check: VersionCheck, verdict: VersionVerdict): void;
  /** To refuse the builder, throw `CallError('invalid-argument', 'Machine is not valid')`. */
  openTunnel(join: Join, caller: Caller): AcceptedTunnel | Promise<AcceptedTunnel>;
  /** Resolves when the log is written. `data` throws if the builder goes away in the middle. */
  receiveLog(log: IncomingLog, caller: Caller): Promise<void>;
  /** `BuildResult`: resolves when all paths are in the store. */
  receivePaths(paths: IncomingPaths, caller: Caller): Promise<void>;
  updateStep(update: StepUpdate, caller: Caller): void | Promise<void>;
  /** Resolves when the report is recorded. May come again: the builder repeats it when an answer is lost. */
  completeBuild(report: AttemptReport, caller: Caller): Promise<void>;
  /** The closure of the paths, themselves included, dependencies first; paths that are not there are left out. */
  fetchRequisites(paths: readonly StorePath[], caller: Caller): Promise<readonly StorePath[]>;
  hasPath(path: StorePath, caller: Caller): Promise<boolean>;
  /** `FetchPaths`: in the order of dependencies. Throws `CallError('not-found', …)` for a path that is not there. */
  fetchPaths(paths: readonly StorePath[], caller: Caller): Promise<OutgoingPaths>;
}

export type RunnerServerOptions = {
  readonly handlers: RunnerHandlers;
  /** "host:port" (port 0: any that is free; "[::1]:50051" for IPv6), or the absolute path of a Unix socket. */
  readonly bind: string;
  /**
   * Asked at every call, so that a list read anew counts at once. Null: everybody may call; an empty list refuses
   * everybody.
   */
  readonly tokens: () => readonly string[] | null;
  readonly storeDirectory: StoreDirectory;
};

export interface RunnerServer extends AsyncDisposable {
  /** As in `bind`, with the real port. */
  readonly address: string;
  /** What `connectRunner` takes: http://… or unix://… */
  readonly endpoint: string;
  /** Builders connected by HTTP/2 sessions just now. */
  readonly sessions: number;
  /** Takes no more calls, ends all tunnels and connections, and resolves when all of it is over. */
  close(): Promise<void>;
}

/** Listens for builders. Throws `Fault` ('port-in-use', 'not-permitted') if it cannot. */
export declare function serveRunner(options: RunnerServerOptions): Promise<RunnerServer>;
