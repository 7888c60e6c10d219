import { DaemonConnection, isDerivationPath } from '@iolaus/nix';
import type { DaemonAddress, StorePath } from '@iolaus/nix';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { BuildConnection } from '../attempts/build-connections.ts';
import { importPaths } from './import-paths.ts';
import { forEachInParallel } from '../../cache/in-parallel.ts';
import { count } from '../tunnel/path-counters.ts';
import type { PathCounters } from '../tunnel/path-counters.ts';
import type { Slots } from '../attempts/slots.ts';

export type InputSources = {
  readonly client: RunnerClient;
  readonly daemon: DaemonAddress;
  readonly counters: PathCounters;
  /** Whether to try substituters before asking the runner. */
  readonly useSubstitutes: boolean;
  /** The runner's wish, which may change. */
  readonly maxConcurrentDownloads: () => number;
  /**
   * Lets one attempt fetch at a time: attempts that begin together mostly want the same, and the line is no faster for
   * two.
   */
  readonly turns: Slots;
};

/**
 * Has the closure of `inputs` in the store, and keeps it there for as long as the connection lives. What the runner does
 * not have either is left to the daemon.
 */
export async function fetchInputs(
  connection: BuildConnection,
  inputs: readonly StorePath[],
  sources: InputSources,
  signal: AbortSignal,
): Promise<void> {
  const requisites = await sources.client.fetchRequisites(inputs, { signal });
  // Kept before looking, so that what is found stays.
  await connection.keep([...inputs, ...requisites]);
  if ((await findMissing(connection, requisites)).length === 0) return;
  using _turn = await sources.turns.take(signal);
  const missing = await findMissing(connection, requisites);
  if (sources.useSubstitutes) await substitute(missing, sources, signal);
  await download(await findMissing(connection, missing), sources, signal);
}

/** In the order of `paths`. */
async function findMissing(
  { daemon }: BuildConnection,
  paths: readonly StorePath[],
): Promise<StorePath[]> {
  if (paths.length === 0) return [];
  const valid = await daemon.queryValidPaths(paths);
  return paths.filter((path) => !valid.has(path));
}

/** Derivations are never on a substituter. What fails here, the runner has. */
async function substitute(
  missing: readonly StorePath[],
  sources: InputSources,
  signal: AbortSignal,
): Promise<void> {
  const wanted = missing.filter((path) => !isDerivationPath(path));
  using _counted = count(sources.counters, 'substituting', wanted.length);
  await forEachInParallel(wanted, sources.maxConcurrentDownloads(), async (path) => {
    signal.throwIfAborted();
    await using connection = await DaemonConnection.connect(sources.daemon, { signal });
    const destroy = () => connection.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    await connection.ensurePath(path).catch(() => {});
    signal.removeEventListener('abort', destroy);
  });
  signal.throwIfAborted();
}

async function download(
  missing: readonly StorePath[],
  sources: InputSources,
  signal: AbortSignal,
): Promise<void> {
  using _counted = count(sources.counters, 'downloading', missing.length);
  await importPaths(missing, {
    client: sources.client,
    daemon: sources.daemon,
    streams: sources.maxConcurrentDownloads(),
    signal,
  });
}
