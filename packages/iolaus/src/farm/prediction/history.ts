import type { FarmState } from '../farm-state.ts';
import { reconsider } from './expectation.ts';
import { packageName } from './package-name.ts';
import { historyOf, learn } from './prediction.ts';
import type { StepUse } from './prediction.ts';

/** What a step needed some time ago. */
export type PastUse = StepUse & {
  /** Its derivation's name, with or without hash and version. */
  readonly name: string;
  readonly system: string;
};

export function takeHistory(farm: FarmState, uses: readonly PastUse[]): void {
  for (const use of uses) {
    learn(farm.predictions, historyOf(farm.predictions, packageName(use.name), use.system), use);
  }
  for (const family of farm.predictions.families.values()) reconsider(farm, family);
}
