import { DaemonConnection } from '@iolaus/nix';
import type { DaemonAddress, PathInfo, StorePath } from '@iolaus/nix';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import { forEachInParallel } from '../../cache/in-parallel.ts';

// A stream costs some milliseconds, which small paths should share; large ones should not wait for each other.
const pathsPerStream = 8;

/**
 * Fetches paths from the runner into the store, over several streams at a time. `paths` come dependencies first, and
 * nothing is imported before what it refers to: a stream that is ahead waits for the others. Streams are begun in order,
 * so that the first of them never waits.
 */
export async function importPaths(
  paths: readonly StorePath[],
  options: {
    readonly client: RunnerClient;
    readonly daemon: DaemonAddress;
    readonly streams: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const failed = new AbortController();
  const arrivals = new Arrivals(paths);
  const signal = AbortSignal.any([options.signal, failed.signal]);
  signal.addEventListener('abort', () => arrivals.giveUp(signal.reason), { once: true });
  await forEachInParallel(batches(paths), options.streams, async (batch) => {
    try {
      await importBatch(batch, { ...options, arrivals, signal });
    } catch (error) {
      // Who waits for what will not come should not wait for ever.
      failed.abort(error);
      throw error;
    }
  });
}

async function importBatch(
  batch: readonly StorePath[],
  options: {
    readonly client: RunnerClient;
    readonly daemon: DaemonAddress;
    readonly arrivals: Arrivals;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { client, arrivals, signal } = options;
  signal.throwIfAborted();
  await using connection = await DaemonConnection.connect(options.daemon, { signal });
  const incoming = await client.fetchPaths(batch, { signal });
  const destroy = () => connection.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    await incoming.importEach(async (info, nar) => {
      assertWanted(info, batch);
      await arrivals.ofOthers(info, batch);
      // Whoever sends us builds may also send us what they need. That it was built here is not true.
      await connection.addToStoreNar({ ...info, ultimate: false }, nar, { checkSignatures: false });
      arrivals.note(info.path);
    });
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

function assertWanted({ path }: PathInfo, batch: readonly StorePath[]): void {
  if (batch.includes(path)) return;
  throw new Error(`the runner sent ${path}, which nobody asked for`);
}

function batches(paths: readonly StorePath[]): StorePath[][] {
  const count = Math.ceil(paths.length / pathsPerStream);
  return Array.from({ length: count }, (_, index) =>
    paths.slice(index * pathsPerStream, (index + 1) * pathsPerStream),
  );
}

/** Which of the paths are in the store by now. */
class Arrivals {
  readonly #awaited: ReadonlyMap<StorePath, PromiseWithResolvers<void>>;

  constructor(paths: readonly StorePath[]) {
    this.#awaited = new Map(paths.map((path) => [path, Promise.withResolvers<void>()]));
    for (const { promise } of this.#awaited.values()) promise.catch(() => {});
  }

  note(path: StorePath): void {
    this.#awaited.get(path)?.resolve();
  }

  giveUp(reason: unknown): void {
    for (const { reject } of this.#awaited.values()) reject(reason);
  }

  /** Waits for what a path refers to, as far as it comes by other streams than its own. */
  async ofOthers(info: PathInfo, batch: readonly StorePath[]): Promise<void> {
    for (const reference of info.references) {
      if (!batch.includes(reference)) await this.#awaited.get(reference)?.promise;
    }
  }
}
