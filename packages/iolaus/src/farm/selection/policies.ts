import { hydraPolicies } from './hydra.ts';
import type { SelectionName, SelectionPolicy } from './policy.ts';
import { twoLevelPolicy } from './two-level.ts';

const policies: readonly SelectionPolicy[] = [...hydraPolicies, twoLevelPolicy];

/** Ours, where nothing else is asked for. */
export function selectionPolicy(name: SelectionName = 'TwoLevel'): SelectionPolicy {
  const found = policies.find((policy) => policy.name === name);
  if (found === undefined) throw new Error(`there is no selection policy ${name}`);
  return found;
}
