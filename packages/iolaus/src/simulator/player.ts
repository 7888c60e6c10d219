import type { Batch } from './play-many.ts';
import { playSeeds } from './play-seeds.ts';

// Errors are a large part of what happens, and nobody asks where in the code they were made.
Error.stackTraceLimit = 0;

// Plays what its parent sends, and ends with it.
process.on('message', ({ from, count }: Batch) => {
  void playSeeds(from, count).then((tally) => process.send?.(tally));
});
process.on('disconnect', () => process.exit());
