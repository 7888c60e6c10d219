import type { BuildRow, Tables } from './tables.ts';
import type { ServerTransaction } from './transaction.ts';

/** Changes a build's row, and says what Hydra's triggers say. */
export function changeBuild(
  transaction: ServerTransaction,
  tables: Tables,
  before: BuildRow,
  change: Partial<BuildRow>,
): void {
  const after = { ...before, ...change };
  transaction.put(tables.builds, after);
  if (before.finished && !after.finished) transaction.notify('builds_restarted', '');
  if (!before.finished && after.finished && after.status === 4) {
    transaction.notify('builds_cancelled', '');
  }
  if (before.globalPriority !== after.globalPriority) transaction.notify('builds_bumped', '');
}

/** Takes the build away with all that belongs to it, as foreign keys do. */
export function deleteBuild(transaction: ServerTransaction, tables: Tables, id: number): void {
  transaction.remove(tables.builds, String(id));
  for (const step of transaction.rows(tables.steps).toArray()) {
    if (step.build === id) transaction.remove(tables.steps, tables.steps.keyOf(step));
    else if (step.propagatedFrom === id)
      transaction.put(tables.steps, { ...step, propagatedFrom: null });
  }
  for (const output of transaction.rows(tables.buildOutputs).toArray()) {
    if (output.owner === String(id))
      transaction.remove(tables.buildOutputs, tables.buildOutputs.keyOf(output));
  }
  transaction.notify('builds_deleted', '');
}
