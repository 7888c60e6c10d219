import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { askRunner } from '../runner/ask-runner.ts';
import { shareAnswers } from '../share-answers.ts';
import { orderQueue } from './queue-order.ts';
import { readQueueRows } from './queue-rows.ts';
import type { QueueRow } from './queue-rows.ts';

/** The queue as it was at a moment. */
export type QueueView = {
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
  readonly rows: readonly QueueRow[];
  readonly byDerivation: ReadonlyMap<string, QueueRow>;
  /** What each system's machines do in a second, in seconds of speed 1. */
  readonly speeds: Readonly<Record<string, number>>;
  /** Base names of what is to run next, in its order. */
  readonly next: readonly string[];
  /** What was chosen of the rows, by a text that says how: who scrolls through it asks for window after window. */
  readonly chosen: LRUCache<string, readonly QueueRow[]>;
};

// One that is older says nothing of a farm at work.
const staleMillisecondsMax = 30_000;
// As many people look at different parts of it at once; each holds a list of what it sees.
const choicesMax = 50;

const nextAnswer = z.object({ derivations: z.array(z.string()) });
const speedsAnswer = z.object({ speeds: z.record(z.string(), z.number()) });

/**
 * The queue of the runner at `runnerUrl`. However many ask, the runner is asked now and then. Throws if it does not answer.
 */
export function watchQueue(runnerUrl: string): () => Promise<QueueView> {
  const ask = async <Schema extends z.ZodType>(path: string, schema: Schema) =>
    schema.parse(JSON.parse(await askRunner(runnerUrl, path)));
  return shareAnswers(
    async () => {
      const seenAt = Date.now();
      const [rows, { derivations: next }, { speeds }] = await Promise.all([
        readQueueRows(runnerUrl),
        ask('/queue/next', nextAnswer),
        ask('/queue/speeds', speedsAnswer),
      ]);
      const chosen = new LRUCache<string, readonly QueueRow[]>({ max: choicesMax });
      const byDerivation = new Map(rows.map((row) => [row.derivation, row]));
      return { seenAt, rows: orderQueue(rows), byDerivation, speeds, next, chosen };
    },
    { staleMillisecondsMax },
  );
}
