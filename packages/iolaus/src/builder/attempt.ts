import type { DaemonAddress } from '@iolaus/nix';
import type { Logger } from '../logging/logger.ts';
import type { AttemptReport, ReportedOutput } from '../protocol/attempt-report.ts';
import type { BuildOrder } from '../protocol/build-order.ts';
import type { RunnerClient } from '../protocol/client.ts';
import type { MachineUuid } from '../protocol/identity.ts';
import { AttemptError, failingAs, publicMessage } from './attempt-error.ts';
import type { BuildConnection, BuildConnections } from './build-connections.ts';
import { build } from './build.ts';
import type { BuildSettings, Built } from './build.ts';
import { fetchInputs } from './inputs.ts';
import type { InputSources } from './inputs.ts';
import { BuildLog } from './log.ts';
import { describeOutputs, measureOutputs } from './outputs.ts';
import type { Reports } from './reports.ts';
import type { Slot, Slots } from './slots.ts';
import { Stopwatch } from './stopwatch.ts';
import { uploadClosure } from './upload.ts';

/** Where an attempt takes place: this machine, and the runner it works for. */
export type Workplace = {
  readonly machine: MachineUuid;
  readonly daemon: DaemonAddress;
  readonly physicalDirectory: string;
  readonly connections: BuildConnections;
  readonly slots: Slots;
  readonly settings: BuildSettings;
  readonly client: RunnerClient;
  readonly reports: Reports;
  /** The runner's store is ours: nothing is fetched or handed over. */
  readonly sharesStore: boolean;
  /** The runner wants a log for every build, even if it is empty. */
  readonly wantsEveryLog: boolean;
  readonly inputs: InputSources;
  readonly logger: Logger;
};

/** An attempt that has come to its turn. */
type Running = {
  readonly connection: BuildConnection;
  readonly slot: Slot;
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
};

type Result = { readonly built: Built; readonly outputs: ReadonlyMap<string, ReportedOutput> };

/**
 * One attempt at a build, from its inputs to its report: fetch inputs, wait for a slot, build, look at the outputs, hand
 * them over, read what they say. Rejects only if the signal is aborted; whatever else goes wrong is in the report.
 */
export async function runAttempt(
  order: BuildOrder,
  place: Workplace,
  signal: AbortSignal,
): Promise<AttemptReport> {
  const stopwatch = new Stopwatch();
  const facts = () => ({ attempt: order.attempt, machine: place.machine, ...stopwatch.times() });
  try {
    const { built, outputs } = await carryOut(order, place, stopwatch, signal);
    return {
      ...facts(),
      result: { type: 'succeeded', outputs },
      cached: built.cached,
      cpuUserMicroseconds: built.cpuUserMicroseconds,
      cpuSystemMicroseconds: built.cpuSystemMicroseconds,
    };
  } catch (error) {
    signal.throwIfAborted();
    const failure = error instanceof AttemptError ? error.failure : 'preparing-failed';
    return {
      ...facts(),
      result: { type: 'failed', failure, message: publicMessage(error) },
      cached: false,
      cpuUserMicroseconds: null,
      cpuSystemMicroseconds: null,
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
  stopwatch: Stopwatch,
  signal: AbortSignal,
): Promise<Result> {
  if (order.presignedUpload !== null) {
    throw new AttemptError('preparing-failed', 'this builder cannot upload to a binary cache');
  }
  if (place.sharesStore) {
    using slot = await waitForSlot(order, place, signal);
    return await connected(place, signal, (connection) =>
      buildInSlot(order, place, { connection, slot, stopwatch, signal }),
    );
  }
  return connected(place, signal, async (connection) => {
    await stopwatch.time('import', () => bringInputs(order, place, connection, signal));
    using slot = await waitForSlot(order, place, signal);
    return await buildInSlot(order, place, { connection, slot, stopwatch, signal });
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
  return failingAs('import-failed', 'inputs could not be fetched', async () => {
    await place.reports.update(order.attempt, 'sending-inputs');
    await fetchInputs(connection, order.derivation.inputSources, place.inputs, signal);
  });
}

async function waitForSlot(
  order: BuildOrder,
  place: Workplace,
  signal: AbortSignal,
): Promise<Slot> {
  if (place.slots.isFull) await place.reports.update(order.attempt, 'waiting-for-local-slot');
  return place.slots.take(signal);
}

async function buildInSlot(order: BuildOrder, place: Workplace, running: Running): Promise<Result> {
  const { connection, stopwatch, signal } = running;
  const built = await stopwatch.time('build', () => buildWithLog(order, place, running));
  const outputs = await failingAs('post-processing-failed', 'outputs cannot be looked at', () =>
    measureOutputs(connection, order, built.outputs),
  );
  if (!place.sharesStore) {
    await stopwatch.time('upload', () =>
      failingAs('upload-failed', 'outputs could not be handed over', async () => {
        await place.reports.update(order.attempt, 'receiving-outputs');
        await uploadClosure(outputs.closure, { ...place.inputs, signal });
      }),
    );
  }
  await place.reports.update(order.attempt, 'post-processing');
  return {
    built,
    outputs: await failingAs('post-processing-failed', 'outputs cannot be read', () =>
      describeOutputs(outputs, {
        daemon: connection.daemon,
        physicalDirectory: place.physicalDirectory,
        signal,
      }),
    ),
  };
}

async function buildWithLog(
  order: BuildOrder,
  place: Workplace,
  { connection, slot, signal }: Omit<Running, 'stopwatch'>,
): Promise<Built> {
  await place.reports.update(order.attempt, 'building');
  const log = new BuildLog({
    open: (data) =>
      place.client.sendLog(
        { derivation: order.derivationPath, attempt: order.attempt, offset: 0, data },
        { signal },
      ),
    openAtOnce: place.wantsEveryLog,
    logger: place.logger,
  });
  try {
    await connection.keep(order.derivation.inputSources);
    return await build(connection, order, place.settings, log);
  } finally {
    // What follows is no work for processors: the next build may begin.
    slot[Symbol.dispose]();
    // The runner takes no more of a log once the attempt is over.
    await log.end();
  }
}
