import { after, mapOf, obsolete, record } from '../wire/composite.ts';
import { boolean, int, text } from '../wire/layout.ts';
import { noReply, operation } from './operation.ts';

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
  /** Whether paths may be fetched instead of built. */
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

const defaults: Required<BuildOptions> = {
  keepFailed: false,
  keepGoing: false,
  tryFallback: false,
  verbosity: informations,
  maxBuildJobs: 1,
  maxSilentSeconds: 0,
  buildCores: 0,
  useSubstitutes: true,
  overrides: new Map(),
};

/** The same options with nothing left out. */
export function completeOptions(options: BuildOptions): Required<BuildOptions> {
  return { ...defaults, ...options };
}

export const setOptions = operation('SetOptions', 19, {
  request: record<Required<BuildOptions>>({
    keepFailed: boolean,
    keepGoing: boolean,
    tryFallback: boolean,
    verbosity: int,
    maxBuildJobs: int,
    maxSilentSeconds: int,
    buildCores: after(
      obsolete(useBuildHook),
      after(
        obsolete(verboseBuild),
        after(obsolete(logType), after(obsolete(printBuildTrace), int)),
      ),
    ),
    useSubstitutes: boolean,
    overrides: mapOf(text, text),
  }),
  reply: noReply,
});
