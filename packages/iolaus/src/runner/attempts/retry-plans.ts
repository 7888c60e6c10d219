import type { DerivationPath } from '@iolaus/nix';
import type { Database, Transaction } from '../../database/connection/connection.ts';
import {
  deleteRetryPlans,
  readRetryPlans,
  saveRetryPlans,
} from '../../database/steps/retry-plans.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { RetryPlan } from '../../farm/attempts/retry-plan.ts';
import type { FarmView } from '../../farm/view.ts';

/** What the runner before this one remembered of steps that were tried in vain, until the farm knows these steps. */
export type RetryPlans = {
  of(derivation: DerivationPath): RetryPlan | undefined;
  /** The step has ended. */
  forget(derivation: DerivationPath): void;
  /** All that is queued is known: plans of other steps will not be asked for. */
  dropUnneeded(): Promise<void>;
};

export async function openRetryPlans({
  database,
  view,
}: {
  readonly database: Database;
  readonly view: Pick<FarmView, 'hasStep'>;
}): Promise<RetryPlans> {
  const plans = await readRetryPlans(database);
  return {
    of: (derivation) => plans.get(derivation),
    forget: (derivation) => void plans.delete(derivation),
    dropUnneeded: async () => {
      const unneeded = [...plans.keys()].filter((derivation) => !view.hasStep(derivation));
      await deleteRetryPlans(database, unneeded);
      plans.clear();
    },
  };
}

/** With the end of the attempt that a plan is about. What was decided last of a step counts. */
export async function recordRetryPlans(
  transaction: Transaction,
  effects: readonly FarmEffect[],
): Promise<void> {
  const plans = new Map<DerivationPath, RetryPlan>();
  const dropped = new Set<DerivationPath>();
  for (const effect of effects) {
    if (effect.type === 'plan-retry') {
      plans.set(effect.derivation, effect.plan);
      dropped.delete(effect.derivation);
    } else if (effect.type === 'drop-retry-plan') {
      plans.delete(effect.derivation);
      dropped.add(effect.derivation);
    }
  }
  await saveRetryPlans(transaction, plans);
  await deleteRetryPlans(transaction, [...dropped]);
}
