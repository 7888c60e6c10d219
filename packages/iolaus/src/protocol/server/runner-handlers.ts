import type { StorePath } from '@iolaus/nix';
import type { AttemptReport, StepUpdate } from '../attempt-report.ts';
import type { CallError } from '../call-error.ts';
import type { Caller } from '../caller.ts';
import type { UploadHandlers } from '../direct-upload.ts';
import type { Join, JoinAnswer } from '../join.ts';
import type { IncomingLog, IncomingPaths, OutgoingPaths } from '../store-transfer.ts';
import type { RunnerTunnel, TunnelEnd } from '../tunnel.ts';
import type { VersionCheck, VersionVerdict } from './version-check.ts';

/** A tunnel that the runner takes. */
export type AcceptedTunnel = {
  readonly accept: JoinAnswer;
  /** Called once, when the answer is queued. When it returns or throws, the tunnel is closed. */
  converse(tunnel: RunnerTunnel): Promise<void>;
  /** Called exactly once, when nothing can be read or written any more; `converse` may still be running. */
  ended(end: TunnelEnd): void;
};

/**
 * What the runner does when a builder calls. What arrives has been checked for form: names are UUIDs, paths are store
 * paths. A handler that throws `CallError` chooses the status; anything else thrown is INTERNAL.
 */
export interface RunnerHandlers {
  /** Told of each check of versions, which is answered already. */
  versionChecked?(check: VersionCheck, verdict: VersionVerdict, caller: Caller): void;
  /** Told how each call ended that did not end well, also where none of the others was called. */
  callFailed?(error: CallError, caller: Caller): void;
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
  /** `FetchPaths`: dependencies first. Throws `CallError('not-found', …)` for a path that is not there. */
  fetchPaths(paths: readonly StorePath[], caller: Caller): Promise<OutgoingPaths>;
  /** For builders that upload to a cache themselves; absent: there is none that they could. */
  readonly uploads?: UploadHandlers;
}
