import { printStorePath } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import type { Logger } from '../../logging/logger.ts';
import { unknownUse } from '../../protocol/attempt-report.ts';
import type { AttemptUse, ReportedOutput } from '../../protocol/attempt-report.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { StoredReport } from '../../protocol/stored-report.ts';
import type { AttemptLog } from '../log/attempt-log.ts';
import { AttemptError, failingAs, publicMessage } from './attempt-error.ts';
import type { BuildConnection, BuildConnections } from './build-connections.ts';
import { build } from './build.ts';
import type { BuildSettings, Built } from './build.ts';
import type { BuildUse, UseWatch, WatchedBuild } from '../usage/use-watch.ts';
import { fetchInputs } from '../inputs/fetch-inputs.ts';
import type { InputSources } from '../inputs/fetch-inputs.ts';
import { describeOutputs, measureOutputs, unmeasured } from './outputs.ts';
import type { Outputs } from './outputs.ts';
import type { ConnectedRunner, RunnerLink } from '../tunnel/runner-link.ts';
import type { Slot, Slots } from './slots.ts';
import { Stopwatch } from './stopwatch.ts';
import { uploadClosure } from '../uploads/upload-to-runner.ts';
import { uploadDirectly } from '../uploads/upload-directly.ts';
import type { Uplink } from '../uploads/upload-directly.ts';

/** Where an attempt takes place: this machine, and the way to the runner that it works for. */
export type Workplace = {
  readonly daemon: DaemonAddress;
  readonly physicalDirectory: string;
  readonly connections: BuildConnections;
  readonly uplink: Uplink;
  readonly slots: Slots;
  readonly settings: BuildSettings;
  readonly uses: UseWatch;
  readonly link: RunnerLink;
  readonly inputs: Omit<InputSources, 'client' | 'maxConcurrentDownloads'>;
  /** Where logs are kept that are long. */
  readonly logFolder: string;
  readonly logger: Logger;
};

/** An attempt that has come to its turn. */
type Running = {
  readonly connection: BuildConnection;
  readonly slot: Slot;
  readonly log: AttemptLog;
  readonly stopwatch: Stopwatch;
  /** The runner that gave the order has the same store. */
  readonly sharesStore: boolean;
  readonly signal: AbortSignal;
};

type Measured = Built & { readonly use: BuildUse | null };
type Result = { readonly built: Measured; readonly outputs: ReadonlyMap<string, ReportedOutput> };

/**
 * One attempt at a build, from its inputs to its report: fetch inputs, wait for a slot, build, look at the outputs, hand
 * them over, read what they say. Rejects only if the signal is aborted; whatever else goes wrong is in the report.
 */
export async function runAttempt(
  order: BuildOrder,
  place: Workplace,
  log: AttemptLog,
  signal: AbortSignal,
): Promise<StoredReport> {
  const stopwatch = new Stopwatch();
  const facts = () => ({ attempt: order.attempt, ...stopwatch.times() });
  try {
    const { built, outputs } = await carryOut(order, place, { log, stopwatch, signal });
    return {
      ...facts(),
      result: { type: 'succeeded', outputs },
      cached: built.cached,
      ...useOf(built),
    };
  } catch (error) {
    signal.throwIfAborted();
    const failure = error instanceof AttemptError ? error.failure : 'preparing-failed';
    return {
      ...facts(),
      result: { type: 'failed', failure, message: publicMessage(error) },
      cached: false,
      ...unknownUse,
    };
  }
}

/**
 * With a store of its own, a builder fetches inputs while it waits for a slot, and keeps them by an open connection. With
 * the runner's store there is nothing to do before, and no connection to hold.
 */
async function carryOut(
  order: BuildOrder,
  place: Workplace,
  waiting: Omit<Running, 'connection' | 'slot' | 'sharesStore'>,
): Promise<Result> {
  const { stopwatch, signal } = waiting;
  const { sharesStore } = await place.link.connected(signal);
  // What others upload themselves is not in the runner's store.
  if (sharesStore && order.presignedUpload === null) {
    using slot = await waitForSlot(order, place, signal);
    return await connected(place, signal, (connection) =>
      buildInSlot(order, place, { ...waiting, sharesStore, connection, slot }),
    );
  }
  return connected(place, signal, async (connection) => {
    await stopwatch.time('import', () => bringInputs(order, place, connection, signal));
    using slot = await waitForSlot(order, place, signal);
    return await buildInSlot(order, place, { ...waiting, sharesStore, connection, slot });
  });
}

function connected<Done>(
  place: Workplace,
  signal: AbortSignal,
  work: (connection: BuildConnection) => Promise<Done>,
): Promise<Done> {
  return failingAs('preparing-failed', 'the Nix daemon cannot be used', () =>
    place.connections.use(signal, work),
  );
}

function bringInputs(
  order: BuildOrder,
  place: Workplace,
  connection: BuildConnection,
  signal: AbortSignal,
): Promise<void> {
  return failingAs('import-failed', 'inputs could not be fetched', () =>
    place.link.through(signal, async (runner) => {
      await place.link.update(order.attempt, 'sending-inputs');
      await fetchInputs(
        connection,
        order.derivation.inputSources,
        { ...place.inputs, ...runner },
        signal,
      );
    }),
  );
}

async function waitForSlot(
  order: BuildOrder,
  place: Workplace,
  signal: AbortSignal,
): Promise<Slot> {
  if (place.slots.isFull) await place.link.update(order.attempt, 'waiting-for-local-slot');
  return place.slots.take(signal);
}

async function buildInSlot(order: BuildOrder, place: Workplace, running: Running): Promise<Result> {
  const { connection, stopwatch, signal } = running;
  const built = await stopwatch.time('build', () => buildWithLog(order, place, running));
  // A runner that is away comes back with the same store, as a rule; if not, it says that it lacks the outputs.
  const isThere = place.link.current?.sharesStore ?? running.sharesStore;
  const figures = isThere ? unmeasured : await measureAndHandOver(order, built, place, running);
  await place.link.update(order.attempt, 'post-processing');
  return {
    built,
    outputs: await failingAs('post-processing-failed', 'outputs cannot be read', () =>
      describeOutputs(built.outputs, figures, {
        storeDirectory: connection.daemon.storeDirectory,
        physicalDirectory: place.physicalDirectory,
        signal,
      }),
    ),
  };
}

async function measureAndHandOver(
  order: BuildOrder,
  built: Built,
  place: Workplace,
  running: Running,
): Promise<Outputs['figures']> {
  const outputs = await failingAs('post-processing-failed', 'outputs cannot be looked at', () =>
    measureOutputs(running.connection, order, built.outputs),
  );
  await failingAs('upload-failed', 'outputs could not be handed over', () =>
    place.link.through(running.signal, (runner) =>
      handOver(order, outputs, place, { ...running, runner }),
    ),
  );
  return outputs.figures;
}

/** The runner may be another one than at the beginning, with another store. */
async function handOver(
  order: BuildOrder,
  outputs: Outputs,
  place: Workplace,
  { runner, stopwatch, signal }: Running & { readonly runner: ConnectedRunner },
): Promise<void> {
  if (runner.sharesStore) return;
  await stopwatch.time('upload', async () => {
    await place.link.update(order.attempt, 'receiving-outputs');
    const { client, machine } = runner;
    if (order.presignedUpload === null)
      await uploadClosure(outputs.closure, {
        ...place.inputs,
        attempt: order.attempt,
        client,
        signal,
      });
    else
      await uploadDirectly(outputs.closure, {
        client,
        machine,
        attempt: order.attempt,
        signal,
        uplink: place.uplink,
        physicalDirectory: place.physicalDirectory,
        debugInfo: order.presignedUpload.debugInfo,
      });
  });
}

async function buildWithLog(
  order: BuildOrder,
  place: Workplace,
  { connection, slot, log, signal }: Omit<Running, 'stopwatch'>,
): Promise<Measured> {
  await place.link.update(order.attempt, 'building');
  // The runner takes no more of a log once the attempt is over, so that the log comes first.
  return log.take(place, signal, async (lines) => {
    using watched = watchBuild(place, order);
    try {
      await connection.keep(order.derivation.inputSources);
      const built = await build(connection, order, place.settings, lines);
      return { ...built, use: watched.use() };
    } finally {
      // What follows is no work for processors: the next build may begin.
      slot[Symbol.dispose]();
    }
  });
}

/** The first output whose path is known beforehand: stdenv hands it to all that it starts. */
function watchBuild({ uses, daemon }: Workplace, { derivation }: BuildOrder): WatchedBuild {
  for (const [name, output] of derivation.outputs) {
    if ('path' in output) {
      return uses.watch(`${name}=${printStorePath(daemon.storeDirectory, output.path)}`);
    }
  }
  return uses.watch(null);
}

/** A daemon that keeps builds in control groups knows better what they did; of memory it says nothing. */
function useOf({ cpuUserMicroseconds, cpuSystemMicroseconds, use }: Measured): AttemptUse {
  return {
    cpuUserMicroseconds: cpuUserMicroseconds ?? use?.cpuUserMicroseconds ?? null,
    cpuSystemMicroseconds: cpuSystemMicroseconds ?? use?.cpuSystemMicroseconds ?? null,
    peakMemoryBytes: use?.peakMemoryBytes ?? null,
  };
}
