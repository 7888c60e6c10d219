import { attemptNumber } from '../../farm/identity.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import type { InheritedAttempt } from '../../farm/attempts/inherited.ts';
import type { Farm } from '../../farm/farm.ts';
import { Attempts } from '../attempts/attempts.ts';
import { inheritAttempts } from '../attempts/inheritance.ts';
import { LoosestLimits } from '../attempts/loosest-limits.ts';
import { openRetryPlans } from '../attempts/retry-plans.ts';
import type { RetryPlans } from '../attempts/retry-plans.ts';
import { HandOvers } from '../builders/hand-overs.ts';
import { Refusals } from '../builders/refusals.ts';
import type { RunnerDoors } from '../doors.ts';
import { openObservatory } from '../observation/observatory.ts';
import type { Observatory } from '../observation/observatory.ts';
import type { Validity } from '../store/validity.ts';
import type { DirectCache } from '../uploads/direct/direct-cache.ts';
import { withCache } from '../uploads/direct/store-with-cache.ts';
import { farmSettings } from '../settings/configuration.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';

/** What the parts of a runner stand on: the farm, the attempts under way, and what the runner before this one left. */
export type Foundation = {
  readonly doors: RunnerDoors;
  /** As it is now. */
  readonly configuration: () => RunnerConfiguration;
  readonly limits: LoosestLimits;
  readonly attempts: Attempts;
  readonly inherited: readonly InheritedAttempt[];
  readonly observatory: Observatory;
  readonly farm: Farm;
  readonly retryPlans: RetryPlans;
  readonly refusals: Refusals;
  readonly handOvers: HandOvers;
  /** Where builders upload to themselves, just now; null: they do not. */
  readonly directCache: () => DirectCache | null;
  /** Of the runner's own store alone. */
  readonly validInStore: Validity;
};

export async function layFoundation(
  given: RunnerDoors,
  configuration: () => RunnerConfiguration,
): Promise<Foundation> {
  const directCache = (): DirectCache | null =>
    configuration().usePresignedUploads ? (given.directUploads?.cache() ?? null) : null;
  const overflowCache = (): DirectCache | null =>
    configuration().usePresignedUploads ? (given.overflow?.cache() ?? null) : null;
  const store =
    given.directUploads === undefined
      ? given.store
      : withCache(withCache(given.store, directCache), overflowCache);
  const doors = { ...given, store };
  const { clock, makeUuid, database, logger, createFarm, term } = doors;
  const attempts = new Attempts(makeUuid, clock);
  const refusals = new Refusals(logger);
  const limits = new LoosestLimits(configuration());
  const inherited = await inheritAttempts({ database, clock, attempts });
  const observatory = openObservatory(clock);
  const farm = observatory.ledger.watchFarm(
    createFarm(farmSettings(configuration()), firstAttempt(term)),
  );
  return {
    doors,
    configuration,
    attempts,
    inherited,
    observatory,
    farm,
    directCache,
    validInStore: given.store.validPaths,
    retryPlans: await openRetryPlans({ database, view: farm.view }),
    refusals,
    limits,
    handOvers: new HandOvers({
      attempts,
      refusals,
      store,
      maxOutputBytes: () => limits.outputBytes,
    }),
  };
}

// A runner that gives out a thousand attempts a second has enough for 50 days, and there can be two million terms.
const attemptsOfTermMax = 2 ** 32;

/** Above all attempts of earlier runners, whatever the clock says: builders may still speak of those. */
const firstAttempt = (term: number): AttemptNumber => attemptNumber(term * attemptsOfTermMax);
