import type { StorePath } from '../store-path/store-path.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';
import { cleanMessage } from './messages.ts';
import { realisationsByPath, since, speaks } from './protocol.ts';
import type { Protocol } from './protocol.ts';
import type { WireCursor } from './wire/cursor.ts';
import type { WireReader } from './wire/reader.ts';

/** In the order of their numbers on the wire. */
const statuses = [
  'built',
  'substituted',
  'already-valid',
  'permanent-failure',
  'input-rejected',
  'output-rejected',
  'transient-failure',
  'cached-failure',
  'timed-out',
  'misc-failure',
  'dependency-failed',
  'log-limit-exceeded',
  'not-deterministic',
  'resolves-to-already-valid',
  'no-substituters',
] as const;

/**
 * How a build ended. `timed-out` is for silence as well; before Nix 2.34, `misc-failure` includes a
 * wrong system, missing features and missing inputs, which are `input-rejected` and
 * `dependency-failed` since.
 */
export type BuildStatus = (typeof statuses)[number];

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
  /** Where the outputs are, after a success. */
  readonly outputs: ReadonlyMap<string, StorePath>;
  /** 0 since Nix 2.34, as are the times. */
  readonly timesBuilt: number;
  readonly isNonDeterministic: boolean;
  /** Seconds since the epoch. Nix 2.34 and later say 0: measure yourself. */
  readonly startTime: number;
  readonly stopTime: number;
  /** Only daemons that use cgroups know. */
  readonly cpuUserMicroseconds: number | null;
  readonly cpuSystemMicroseconds: number | null;
};

/** Whether the outputs are there now. */
export function isSuccess(status: BuildStatus): boolean {
  return successes.has(status);
}

/** @param known output paths that follow from the derivation, which not all daemons repeat */
export async function readBuildResult(
  reply: WireReader,
  protocol: Protocol,
  known: ReadonlyMap<string, StorePath>,
): Promise<BuildResult> {
  const status = await reply.read((cursor) => statuses[cursor.int()] ?? 'misc-failure');
  const message = await reply.read((cursor) => cleanMessage(cursor.text()));
  const times = await reply.read((cursor) => parseTimes(cursor, protocol));
  const processorTimes = await reply.read((cursor) => parseProcessorTimes(cursor, protocol));
  const built = await readBuiltOutputs(reply, protocol);
  const outputs = isSuccess(status) ? new Map([...known, ...built]) : new Map(built);
  return { status, message, outputs, ...times, ...processorTimes };
}

function parseTimes(cursor: WireCursor, protocol: Protocol) {
  const told = speaks(protocol, since.buildTimes);
  return {
    timesBuilt: told ? cursor.int() : 0,
    isNonDeterministic: told && cursor.boolean(),
    startTime: told ? cursor.int() : 0,
    stopTime: told ? cursor.int() : 0,
  };
}

function parseProcessorTimes(cursor: WireCursor, protocol: Protocol) {
  const told = speaks(protocol, since.processorTimes);
  return {
    cpuUserMicroseconds: told ? parseOptionalInt(cursor) : null,
    cpuSystemMicroseconds: told ? parseOptionalInt(cursor) : null,
  };
}

function parseOptionalInt(cursor: WireCursor): number | null {
  return cursor.boolean() ? cursor.int() : null;
}

type OutputEntry = readonly [name: string, path: StorePath];

async function readBuiltOutputs(reply: WireReader, protocol: Protocol): Promise<OutputEntry[]> {
  if (protocol.features.has(realisationsByPath)) return reply.readList(parseOutput);
  return speaks(protocol, since.builtOutputs) ? reply.readList(parseRealisation) : [];
}

function parseOutput(cursor: WireCursor): OutputEntry {
  const name = cursor.text();
  const path = cursor.path();
  cursor.list(() => cursor.bytes());
  return [name, path];
}

/** The hash before the output's name means something else in every version of Nix. */
function parseRealisation(cursor: WireCursor): OutputEntry {
  const id = cursor.text();
  const realisation: unknown = JSON.parse(cursor.text());
  if (
    typeof realisation !== 'object' ||
    realisation === null ||
    !('outPath' in realisation) ||
    typeof realisation.outPath !== 'string'
  )
    throw new DaemonError('protocol', `The daemon reports the output ${id} without its path`);
  return [id.slice(id.lastIndexOf('!') + 1), parseBaseName(realisation.outPath)];
}
