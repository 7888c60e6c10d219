import type { Transaction } from '../../database/connection/connection.ts';
import { savePackageNeeds } from '../../database/steps/package-needs.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { PackageNeeds } from '../../farm/prediction/package-needs.ts';

/** What was learned last of a package is all that was learned of it. */
export async function recordNeeds(
  transaction: Transaction,
  effects: readonly FarmEffect[],
): Promise<void> {
  const latest = new Map<string, PackageNeeds>();
  for (const effect of effects) {
    if (effect.type !== 'keep-needs') continue;
    const { needs } = effect;
    latest.set(`${needs.package} ${needs.system}`, needs);
  }
  await savePackageNeeds(transaction, [...latest.values()]);
}
