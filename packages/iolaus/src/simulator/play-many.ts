import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { addTally, emptyTally } from './tally.ts';
import type { Tally } from './tally.ts';

// Some seconds of work: often enough to see that it goes on.
const seedsAtATime = 250;

/** Seeds that a player is to play. */
export type Batch = { readonly from: number; readonly count: number };

/** Plays seeds on all cores, a process on each. Ends early when the signal is aborted. */
export async function playMany(
  seeds: Batch,
  onProgress: (tally: Tally) => void,
  signal: AbortSignal,
): Promise<Tally> {
  const tally = emptyTally();
  const batches = cut(seeds);
  const work = async (): Promise<void> => {
    const player = fork(fileURLToPath(new URL('player.ts', import.meta.url)), {
      // Maps arrive as maps.
      serialization: 'advanced',
    });
    try {
      for (const batch of batches) {
        if (signal.aborted) return;
        addTally(tally, await playBatch(player, batch, signal));
        onProgress(tally);
      }
    } finally {
      player.kill();
    }
  };
  // They share the iterator, so that each batch is played once.
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  tally.failures.sort((one, other) => one.seed - other.seed);
  return tally;
}

function* cut({ from, count }: Batch): Generator<Batch> {
  for (let start = 0; start < count; start += seedsAtATime) {
    yield { from: from + start, count: Math.min(seedsAtATime, count - start) };
  }
}

async function playBatch(player: ChildProcess, batch: Batch, signal: AbortSignal): Promise<Tally> {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  const died = once(player, 'exit', { signal: either }).then(() => {
    throw new Error(`a player died with the seeds from ${batch.from} on`);
  });
  try {
    player.send(batch);
    const [tally] = await Promise.race([once(player, 'message', { signal: either }), died]);
    return tally;
  } catch (error) {
    if (signal.aborted) return emptyTally();
    throw error;
  } finally {
    settled.abort();
    await died.catch(() => {});
  }
}
