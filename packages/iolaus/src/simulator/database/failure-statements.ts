import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import { stepKey } from './tables.ts';

export function readFailedPaths({ transaction, tables, now }: Scene, given: Parameters): object[] {
  return given.texts(0).flatMap((path) => {
    const row = transaction.get(tables.failedPaths, path);
    return row !== undefined && row.expires > now ? [{ path }] : [];
  });
}

export function deleteExpiredFailures({ transaction, tables, now }: Scene): object[] {
  for (const { path, expires } of [...transaction.rows(tables.failedPaths)]) {
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
export function forgetFailures({ transaction, tables }: Scene, given: Parameters): object[] {
  const restarted = new Set(
    given.numbers(0).filter((id) => {
      const build = transaction.get(tables.builds, String(id));
      return build?.finished === false && build.stopTime !== null;
    }),
  );
  return [...transaction.rows(tables.stepOutputs)].flatMap(({ owner, path }) => {
    const isWanted = restarted.has(Number(owner.split('/')[0]));
    if (!isWanted || transaction.get(tables.failedPaths, path) === undefined) return [];
    transaction.remove(tables.failedPaths, path);
    return [{ path }];
  });
}

export function readFirstFailures({ transaction, tables }: Scene, given: Parameters): object[] {
  const paths = new Set(given.texts(0));
  const builds = new Map<string, number>();
  for (const { owner, path } of transaction.rows(tables.stepOutputs)) {
    if (!paths.has(path)) continue;
    const [build = 0, number = 0] = owner.split('/').map(Number);
    const step = transaction.get(tables.steps, stepKey({ build, number }));
    const isTried = step?.status === 1 && step.startTime !== null;
    if (isTried) builds.set(path, Math.max(builds.get(path) ?? 0, build));
  }
  return [...builds].map(([path, build]) => ({ path, build }));
}
