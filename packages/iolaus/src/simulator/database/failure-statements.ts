import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import { stepKey } from './tables.ts';
import type { OutputRow } from './tables.ts';

export function readFailedPaths({ transaction, tables, now }: Scene, given: Parameters): object[] {
  return given.texts(0).flatMap((path) => {
    const row = transaction.get(tables.failedPaths, path);
    return row !== undefined && row.expires > now ? [{ path }] : [];
  });
}

export function deleteExpiredFailures({ transaction, tables, now }: Scene): object[] {
  for (const { path, expires } of transaction.rows(tables.failedPaths).toArray()) {
    if (expires <= now) transaction.remove(tables.failedPaths, path);
  }
  return [];
}

export function saveExpiries({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const path of given.texts(0)) {
    transaction.put(tables.failedPaths, { path, expires: given.number(1) });
  }
  return [];
}

/** Of builds that were finished and are queued again. */
export function forgetFailures(scene: Scene, given: Parameters): object[] {
  const { transaction, tables } = scene;
  const restarted = new Set(
    given.numbers(0).filter((id) => {
      const build = transaction.get(tables.builds, String(id));
      return build?.finished === false && build.stopTime !== null;
    }),
  );
  return [...transaction.rows(tables.stepOutputs)].flatMap((row) => {
    const { build, path } = describe(scene, row);
    if (!restarted.has(build) || transaction.get(tables.failedPaths, path) === undefined) return [];
    transaction.remove(tables.failedPaths, path);
    return [{ path }];
  });
}

export function readFirstFailures(scene: Scene, given: Parameters): object[] {
  const { transaction, tables } = scene;
  const paths = new Set(given.texts(0));
  const builds = new Map<string, number>();
  for (const row of transaction.rows(tables.stepOutputs)) {
    const { step, build, path } = describe(scene, row);
    if (!paths.has(path)) continue;
    const isTried = step?.status === 1 && step.startTime !== null;
    if (isTried) builds.set(path, Math.max(builds.get(path) ?? 0, build));
  }
  return [...builds].map(([path, build]) => ({ path, build }));
}

/** Outputs whose paths are not known go by their names. */
function describe({ transaction, tables }: Scene, { owner, name, path }: OutputRow) {
  const [build = 0, number = 0] = owner.split('/').map(Number);
  const step = transaction.get(tables.steps, stepKey({ build, number }));
  return { step, build, path: path === '' ? `${step?.derivation}!${name}` : path };
}
