import type { StorePath } from '../store-path/store-path.ts';
import { plainMessage } from './plain-message.ts';
import { realisationsByPath, since, speaks } from './protocol.ts';
import { parseRealisation, printRealisation, unknownId } from './realisation.ts';
import {
  constant,
  depending,
  from,
  list,
  mapOf,
  mapped,
  optional,
  pair,
  record,
} from './wire/composite.ts';
import { boolean, int, numbered, path, text, textOf } from './wire/layout.ts';
import type { Layout } from './wire/layout.ts';

const statusNumbers = {
  built: 0,
  substituted: 1,
  'already-valid': 2,
  'permanent-failure': 3,
  'input-rejected': 4,
  'output-rejected': 5,
  'transient-failure': 6,
  'cached-failure': 7,
  'timed-out': 8,
  'misc-failure': 9,
  'dependency-failed': 10,
  'log-limit-exceeded': 11,
  'not-deterministic': 12,
  'resolves-to-already-valid': 13,
  'no-substituters': 14,
} as const;

/**
 * How a build ended. `timed-out` is for silence as well; before Nix 2.34, `misc-failure` includes a
 * wrong system, missing features and missing inputs, which are `input-rejected` and
 * `dependency-failed` since.
 */
export type BuildStatus = keyof typeof statusNumbers;

const successes: ReadonlySet<BuildStatus> = new Set([
  'built',
  'substituted',
  'already-valid',
  'resolves-to-already-valid',
]);

/** What a daemon says about a build that it was asked for. */
export type BuildResult = {
  readonly status: BuildStatus;
  /** Why it failed, without colours; empty after a success. */
  readonly message: string;
  /** 0 since Nix 2.34, as are the times. */
  readonly timesBuilt: number;
  /** Only since Nix 2.34 does a build that was compared with another say so here. */
  readonly isNonDeterministic: boolean;
  /** Seconds since the epoch. Nix 2.34 and later say 0: measure yourself. */
  readonly startTime: number;
  /** Seconds since the epoch; see `startTime`. */
  readonly stopTime: number;
  /** Only daemons that use cgroups know. */
  readonly cpuUserMicroseconds: number | null;
  /** Only daemons that use cgroups know. */
  readonly cpuSystemMicroseconds: number | null;
  /** Where the outputs are, after a success. */
  readonly outputs: ReadonlyMap<string, StorePath>;
};

/** Whether the outputs are there now. */
export function isSuccess(status: BuildStatus): boolean {
  return successes.has(status);
}

/**
 * The same result with the outputs that it must have: those that follow from the derivation, which not all daemons
 * repeat, and none after a failure but those that are told.
 */
export function withKnownOutputs(
  result: BuildResult,
  known: ReadonlyMap<string, StorePath>,
): BuildResult {
  if (!isSuccess(result.status)) return result;
  return { ...result, outputs: new Map([...known, ...result.outputs]) };
}

/** Signatures are in the path infos, too. */
const signedOutputs: Layout<BuildResult['outputs']> = mapOf(
  text,
  mapped(
    pair(path, list(text)),
    ([output]) => output,
    (output): [StorePath, string[]] => [output, []],
  ),
);

/** `sha256:<hex>!out`, of which only the name counts: the hash means something else in every version of Nix. */
const outputId: Layout<string> = textOf(
  (name) => `sha256:${'0'.repeat(64)}!${name}`,
  (id) => id.slice(id.lastIndexOf('!') + 1),
);

const realisedOutput: Layout<StorePath> = textOf(
  (output) => printRealisation(unknownId, { path: output, signatures: [] }),
  (json) => parseRealisation(json).realisation.path,
);

const untold: Layout<BuildResult['outputs']> = constant(new Map());
const realisedOutputs = mapOf(outputId, realisedOutput);

const outputs: Layout<BuildResult['outputs']> = depending((protocol) => {
  if (protocol.features.has(realisationsByPath)) return signedOutputs;
  return speaks(protocol, since.builtOutputs) ? realisedOutputs : untold;
});

/** A result as it follows a build. */
export const buildResult: Layout<BuildResult> = record({
  status: numbered<BuildStatus>(statusNumbers, 'misc-failure'),
  message: plainMessage,
  timesBuilt: from(since.buildTimes, int, 0),
  isNonDeterministic: from(since.buildTimes, boolean, false),
  startTime: from(since.buildTimes, int, 0),
  stopTime: from(since.buildTimes, int, 0),
  cpuUserMicroseconds: from(since.processorTimes, optional(int), null),
  cpuSystemMicroseconds: from(since.processorTimes, optional(int), null),
  outputs,
});
