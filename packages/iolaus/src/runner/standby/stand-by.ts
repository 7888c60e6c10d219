import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { KeptFacts } from '../store/derivations.ts';
import { watchQueue } from '../ingest/queue-watch.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { WarmGraph } from './warm-graph.ts';

// Nothing tells a runner that stands by that builds have ended: what only they needed is dropped after so long.
const lookAgainSeconds = 300;

/** Disposing resolves when nothing is asked any more; nothing is kept that is read after it was called. */
export interface Standby extends AsyncDisposable {
  /** For the runner that is started next. */
  readonly kept: KeptFacts;
}

/**
 * Reads what is queued while another runner leads, and keeps what never changes: what its derivations are. What is built,
 * has failed or is under way is asked when this one takes the lead, as after any restart. Writes nothing, and never
 * fails: what could not be read is read later.
 */
export function standBy(options: {
  readonly database: Pick<Database, 'query' | 'listen'>;
  readonly store: Pick<RunnerStore, 'derivations' | 'validPaths'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Standby {
  const { database, store, clock, logger } = options;
  const stopping = new AbortController();
  const kept: KeptFacts = new Map();
  const queue = new WarmGraph({ database, store, kept, logger, signal: stopping.signal });
  const everySeconds = (): number => lookAgainSeconds;
  const watching = watchQueue({
    database,
    queue,
    logger,
    clock,
    everySeconds,
    follows: true,
  }).catch((error: unknown) => {
    logger.warn({ error: describeError(error) }, 'the queue is not read while standing by');
  });
  return {
    kept,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await (await watching)?.[Symbol.asyncDispose]();
    },
  };
}
