import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { closeOrphanedSteps, readUngrantedSteps } from '../../database/steps/orphaned-steps.ts';
import type { StepKey } from '../../database/steps/orphaned-steps.ts';
import type { BuildId } from '../../farm/identity.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Attempts } from './attempts.ts';

type Scene = {
  readonly database: Database;
  readonly clock: Clock;
  readonly attempts: Attempts;
};

// As often as Hydra's first runner looked.
const sweepMilliseconds = 180_000;

/**
 * Closes rows of steps that are busy though nobody works on them, such as those of another runner, or of a hand that slipped.
 * Returns how many there were.
 */
export async function closeOrphans(
  { database, clock, attempts }: Scene,
  message: string,
): Promise<number> {
  const orphans = withoutOwned(await readUngrantedSteps(database), attempts);
  if (orphans.length === 0) return 0;
  const now = epochSeconds(clock.now());
  return database.transaction((transaction) =>
    closeOrphanedSteps(transaction, orphans, { now, message }),
  );
}

/** Again and again. Disposing ends it. */
export function sweepOrphans(scene: Scene & { readonly logger: Logger }): AsyncDisposable {
  const { clock, logger } = scene;
  const stopping = new AbortController();
  const sweep = async (): Promise<void> => {
    try {
      const count = await closeOrphans(scene, 'nobody works on it');
      if (count > 0) logger.warn({ count }, 'steps were busy though nobody works on them');
    } catch (error) {
      logger.warn({ error: describeError(error) }, 'steps that nobody works on may stay busy');
    }
  };
  const sweepUntilStopped = async (): Promise<void> => {
    const { signal } = stopping;
    for (;;) {
      await sleep(clock, sweepMilliseconds, signal);
      if (signal.aborted) return;
      await sweep();
    }
  };
  const sweeping = sweepUntilStopped();
  return {
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return sweeping;
    },
  };
}

/**
 * An attempt is known before its row is there and until its row is closed. One that begins does not know its row's number
 * yet, so that any of its build's may be it.
 */
function withoutOwned(rows: readonly StepKey[], attempts: Attempts): StepKey[] {
  if (rows.length === 0) return [];
  const owned = new Set(attempts.values().map(({ build, stepNumber }) => rowOf(build, stepNumber)));
  return rows.filter(
    ({ build, stepNumber }) =>
      !owned.has(rowOf(build, stepNumber)) && !owned.has(rowOf(build, undefined)),
  );
}

const rowOf = (build: BuildId, stepNumber: number | undefined): string =>
  `${build} ${stepNumber ?? 'begins'}`;
