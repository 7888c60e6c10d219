import { changeBuild } from './change-build.ts';
import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';

const byNumber = (one: number, other: number): number => one - other;

export function lockBuilds({ transaction, tables }: Scene, given: Parameters): object[] {
  return given
    .numbers(0)
    .sort(byNumber)
    .flatMap((id) => {
      if (transaction.get(tables.builds, String(id)) === undefined) return [];
      transaction.share(tables.builds, String(id));
      return [{ id }];
    });
}

export function finishBuilds({ transaction, tables }: Scene, given: Parameters): object[] {
  return given.rows.flatMap((row) => {
    const id = given.number(0, row);
    const build = transaction.get(tables.builds, String(id));
    if (build === undefined || build.finished) return [];
    changeBuild(transaction, tables, build, {
      finished: true,
      status: given.number(1, row),
      startTime: given.number(2, row),
      stopTime: given.number(3, row),
      cached: given.number(4, row) === 1,
    });
    return [{ id }];
  });
}

export function setBuildOutputs({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    const owner = String(given.number(0, row));
    transaction.put(tables.buildOutputs, {
      owner,
      name: given.text(1, row),
      path: given.text(2, row),
    });
  }
  return [];
}
