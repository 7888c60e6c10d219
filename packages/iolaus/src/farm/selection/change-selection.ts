import type { FarmState } from '../farm-state.ts';
import { rerankAll } from '../queues/rank.ts';
import { measureAll } from './critical-path.ts';
import type { SelectionPolicy } from './policy.ts';

/** Another policy from now on. Everything that waits is put in its order at once, however much it is. */
export function changeSelection(farm: FarmState, selection: SelectionPolicy): void {
  if (selection === farm.selection) return;
  const { path } = farm.selection;
  farm.selection = selection;
  if (selection.path !== path) measureAll(farm);
  rerankAll(farm);
}
