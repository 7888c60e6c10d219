import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import { lockBuilds } from '../../database/builds/lock-builds.ts';
import type { Database, Transaction } from '../../database/connection/connection.ts';
import { notify } from '../../database/notify.ts';
import { together } from '../../database/connection/together.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { recordRetryPlans } from '../attempts/retry-plans.ts';
import { recordLastingFailures } from '../ingest/cached-failures.ts';
import type { Realised } from '../resolution/realised.ts';
import { recordRealisations, recordResolved } from '../resolution/record-realisations.ts';
import { recordOrders } from './standing-orders.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { recordGrants } from './attempt-grants.ts';
import { buildsOf, leaveOutDeleted } from './deleted-builds.ts';
import { recordFinishedAttempts } from './finished-attempts.ts';
import { recordFinishedBuilds } from './finished-builds.ts';
import { recordNeeds } from './package-needs.ts';
import { recordStartedAttempts } from './started-attempts.ts';
import { recordStepFailures } from './step-failures.ts';
import { tellSteps } from './step-notifications.ts';

/** Writes what the farm decided as Hydra's pages expect it. The only writer of the build tables. */
export type Records = {
  /** All of it in one transaction, notifications included. */
  readonly write: (effects: readonly FarmEffect[]) => Promise<void>;
};

export function openRecords(options: {
  readonly database: Database;
  readonly store: StoreDirectory;
  readonly logDirectory: string;
  readonly attempts: Attempts;
  readonly uploads: Uploads;
  readonly realised: Realised;
  /** How long failures are remembered; 0: not at all. */
  readonly rememberedSeconds: () => number;
}): Records {
  const { database, store, logDirectory, attempts, uploads, realised, rememberedSeconds } = options;

  const write = async (effects: readonly FarmEffect[]): Promise<void> => {
    const started = await database.transaction((transaction) => writeAll(transaction, effects));
    uploads.wake();
    for (const [attempt, stepNumber] of started) {
      const live = attempts.byNumber(attempt);
      if (live !== undefined) live.stepNumber = stepNumber;
    }
  };

  /** In the order in which rows depend on each other; builds last, since they share a counter's row lock. */
  const writeAll = async (
    transaction: Transaction,
    decided: readonly FarmEffect[],
  ): Promise<ReadonlyMap<AttemptNumber, number>> => {
    const effects = leaveOutDeleted(decided, await lockBuilds(transaction, buildsOf(decided)));
    // What a step was resolved into comes after it.
    const [, started] = await together([
      recordResolved(transaction, effects, (path) => printStorePath(store, path)),
      recordStartedAttempts(transaction, effects, store),
    ]);
    const stepNumberOf = (attempt: AttemptNumber): number => {
      const stepNumber = started.get(attempt) ?? attempts.byNumber(attempt)?.stepNumber;
      if (stepNumber === undefined) throw new Error(`attempt ${attempt} has no row`);
      return stepNumber;
    };
    await together([
      recordFinishedAttempts(transaction, effects, store, stepNumberOf),
      notify(transaction, tellSteps(effects, stepNumberOf, logDirectory)),
      recordGrants(transaction, decided, { attempts, started }),
      recordRetryPlans(transaction, decided),
      recordNeeds(transaction, decided),
      recordRealisations(transaction, decided, realised),
      recordOrders(transaction, decided),
      recordStepFailures(transaction, effects, store),
      uploads.record(transaction, effects),
      recordLastingFailures(transaction, effects, { store, seconds: rememberedSeconds() }),
      recordFinishedBuilds(transaction, effects, store),
    ]);
    return started;
  };

  return { write };
}
