import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import type { BuildRow } from './tables.ts';

// A window of Hydra's shares.
const windowSeconds = 86_400;

export function readUnfinished(
  { transaction, tables }: Scene,
  isWanted: (build: BuildRow) => boolean,
): object[] {
  return [...transaction.rows(tables.builds)]
    .filter((build) => !build.finished && isWanted(build))
    .sort((one, other) => other.globalPriority - one.globalPriority || one.id - other.id)
    .map((build) => ({
      id: build.id,
      derivation: build.derivation,
      jobset: build.jobset,
      evaluation: build.evaluation,
      globalPriority: build.globalPriority,
      localPriority: build.priority,
      maxSilentSeconds: null,
      timeoutSeconds: null,
    }));
}

export function readPriorities({ transaction, tables }: Scene): object[] {
  return [...transaction.rows(tables.builds)]
    .filter(({ finished }) => !finished)
    .map(({ id, globalPriority }) => ({ id, globalPriority }));
}

export function readJobsets(scene: Scene, given: Parameters): object[] {
  const { transaction, tables } = scene;
  return given.numbers(0).flatMap((id) => {
    const jobset = transaction.get(tables.jobsets, String(id));
    if (jobset === undefined) return [];
    return [{ id, shares: jobset.shares, usedSeconds: usedSeconds(scene, id) }];
  });
}

export function usedSeconds({ transaction, tables, now }: Scene, jobset: number): number {
  let used = 0;
  for (const { build, startTime, stopTime } of transaction.rows(tables.steps)) {
    if (startTime === null || stopTime === null || stopTime <= now - windowSeconds) continue;
    if (transaction.get(tables.builds, String(build))?.jobset === jobset)
      used += Math.max(stopTime - startTime, 0);
  }
  return used;
}
