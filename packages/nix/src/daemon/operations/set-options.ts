import { operationNumber, readNothing } from './operation.ts';
import type { Operation } from './operation.ts';

/** How a connection builds. What is left out is as Nix has it by default. */
export type BuildOptions = {
  /** Keep the folders of failed builds. */
  readonly keepFailed?: boolean;
  /** Go on with other builds after a failure. */
  readonly keepGoing?: boolean;
  /** Build what cannot be substituted after all. */
  readonly tryFallback?: boolean;
  /** What the daemon says itself: 0 errors, 1 warnings, 3 informations, up to 7. */
  readonly verbosity?: number;
  /** Builds at a time on this connection; 0 forbids local ones. */
  readonly maxBuildJobs?: number;
  /** A build that says nothing for so long has failed; 0 for no limit. */
  readonly maxSilentSeconds?: number;
  /** `NIX_BUILD_CORES`; 0 for all there are. */
  readonly buildCores?: number;
  readonly useSubstitutes?: boolean;
  /** Any settings of `nix.conf`, such as `timeout` or `max-build-log-size`. Unknown ones are ignored. */
  readonly overrides?: ReadonlyMap<string, string>;
};

const useBuildHook = 1;
/** A level and not a truth value: 0 is "verbose", which is what sends the log. */
const verboseBuild = 0;
const logType = 0;
const printBuildTrace = 0;
const informations = 3;

export function setOptions(options: BuildOptions): Operation<void> {
  return {
    write(request) {
      const overrides = options.overrides ?? new Map<string, string>();
      request
        .int(operationNumber.setOptions)
        .boolean(options.keepFailed ?? false)
        .boolean(options.keepGoing ?? false)
        .boolean(options.tryFallback ?? false)
        .int(options.verbosity ?? informations)
        .int(options.maxBuildJobs ?? 1)
        .int(options.maxSilentSeconds ?? 0)
        .int(useBuildHook)
        .int(verboseBuild)
        .int(logType)
        .int(printBuildTrace)
        .int(options.buildCores ?? 0)
        .boolean(options.useSubstitutes ?? true)
        .list(overrides, ([name, value]) => request.text(name).text(value));
    },
    read: readNothing,
  };
}
