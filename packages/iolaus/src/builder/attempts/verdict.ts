import type { BuildResult, BuildStatus } from '@iolaus/nix';
import type { ReportedFailure } from '../../protocol/attempt-report.ts';
import { AttemptError } from './attempt-error.ts';

type Failure = { readonly failure: ReportedFailure; readonly reason: string };

/**
 * What each status of the daemon's means for the farm. Only what follows from the derivation itself is a failure of the
 * build. What has to do with this machine, this hour or missing inputs is tried again: before Nix 2.34 a system or
 * feature that the machine does not have, inputs that are missing and builds that were never begun are all
 * `misc-failure`; missing inputs are `dependency-failed` since.
 */
const failures: Readonly<Partial<Record<BuildStatus, Failure>>> = {
  'permanent-failure': { failure: 'build-failed', reason: 'permanent failure' },
  'input-rejected': { failure: 'build-failed', reason: 'input rejected' },
  'output-rejected': { failure: 'build-failed', reason: 'output rejected' },
  'cached-failure': { failure: 'build-failed', reason: 'cached failure' },
  'not-deterministic': { failure: 'not-deterministic', reason: 'build is not deterministic' },
  'timed-out': { failure: 'timed-out', reason: 'timed out' },
  'log-limit-exceeded': { failure: 'log-limit-exceeded', reason: 'log limit exceeded' },
  // What Nix says of every fixed-output derivation whose builder fails: it may have been the network.
  'transient-failure': { failure: 'transiently-failed', reason: 'transient failure' },
  'misc-failure': { failure: 'preparing-failed', reason: 'the daemon could not begin the build' },
  'dependency-failed': { failure: 'import-failed', reason: 'an input is missing' },
  'no-substituters': { failure: 'import-failed', reason: 'no substituters available' },
};

/** Nix's note on a builder that failed when the disk had no room; that is the machine's fault. */
const diskWasFull = /lack of free disk space/;

/** An output that was to be a derivation is none. Nix has no status for that; it will be the same everywhere. */
const isNoDerivation = /error parsing derivation/;

function failureIn(message: string): ReportedFailure | null {
  if (diskWasFull.test(message)) return 'preparing-failed';
  return isNoDerivation.test(message) ? 'build-failed' : null;
}

/** Throws `AttemptError` unless the outputs are there. */
export function assertSuccess(name: string, result: BuildResult): void {
  const found = failures[result.status];
  if (found === undefined) return;
  const { reason } = found;
  const failure = failureIn(result.message) ?? found.failure;
  throw new AttemptError(failure, `build of ${name} failed: ${result.message || reason}`);
}

const foundStatuses: ReadonlySet<BuildStatus> = new Set([
  'already-valid',
  'substituted',
  'resolves-to-already-valid',
]);

/** Whether the daemon did not have to build. */
export function isCached(status: BuildStatus): boolean {
  return foundStatuses.has(status);
}

/** Whether it may be for an input that is not there: see `failures`. */
export function mayLackInputs(status: BuildStatus): boolean {
  return status === 'misc-failure' || status === 'dependency-failed';
}
